/** The weights of a model of any family. */
import { requireDecoder } from '../../checkpoint/config/modelConfig.ts';
import type { DecoderWeights } from './decoderWeights.ts';
import type { EncoderWeights } from './encoderWeights.ts';
import type { LayerWeights } from './modelWeights.ts';
import { residentLayers } from './residentLayers.ts';
import type { ResidentWeights } from './residentWeights.ts';

export type AnyWeights = DecoderWeights | EncoderWeights;

/** Weights that are in memory as float32. */
export type ResidentModel = ResidentWeights | EncoderWeights;

export function isEncoder(weights: AnyWeights): weights is EncoderWeights {
  return weights.config.family === 'encoder';
}

/** The same weights with other parameters of their layers. */
export function withLayers<Weights extends ResidentModel>(weights: Weights, layers: readonly LayerWeights[]): Weights {
  return { ...weights, ...residentLayers(layers) };
}

/**
 * The weights, where they are a decoder's.
 *
 * @param purpose what decoders alone can do
 * @throws ExpectedError `checkpoint/notADecoder`
 */
export function decoderOnly(weights: AnyWeights, folder: string, purpose: string): DecoderWeights {
  if (!isEncoder(weights)) return weights;
  requireDecoder(weights.config, folder, purpose);
  throw new Error('an encoder is no decoder');
}
