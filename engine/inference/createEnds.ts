/** The ends of a model, by its family. */
import { isEncoder, type AnyWeights } from '../model/weights/anyWeights.ts';
import { decoderEnds } from './decoderEnds.ts';
import { encoderEnds } from './encoderEnds.ts';
import type { ExecutionOptions } from './graphSession.ts';
import type { ModelEnds, TrainedHead } from './modelEnds.ts';

/** @param trained for encoders, whose head may be trained */
export function createEnds(weights: AnyWeights, options: ExecutionOptions, trained?: TrainedHead): ModelEnds {
  if (isEncoder(weights)) return encoderEnds(weights, options, trained);
  if (trained !== undefined) throw new Error("a decoder's head is frozen");
  return decoderEnds(weights, options);
}
