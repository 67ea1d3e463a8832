/** A checkpoint's architecture, whichever family of models it belongs to. */
import { ExpectedError } from '../../errors/expected.ts';
import { decoderTensors, MODEL_TYPES, type DecoderConfig } from './decoderConfig.ts';
import { ENCODER_TYPES, type EncoderConfig } from './encoderConfig.ts';
import { encoderTensors } from './encoderTensors.ts';
import type { ExpectedTensor } from './expectedTensor.ts';

export type ModelConfig = DecoderConfig | EncoderConfig;

/** Every supported value of `model_type`. */
export const ALL_MODEL_TYPES: readonly string[] = [...MODEL_TYPES, ...ENCODER_TYPES];

/** Every parameter of the architecture, from the embedding to the head. */
export function expectedTensors(config: ModelConfig): readonly ExpectedTensor[] {
  return config.family === 'decoder' ? decoderTensors(config) : encoderTensors(config);
}

/**
 * The configuration, where it is a decoder's.
 *
 * @param file or folder of the checkpoint, for messages
 * @param purpose what decoders alone can do
 * @throws ExpectedError `checkpoint/notADecoder`
 */
export function requireDecoder(config: ModelConfig, file: string, purpose: string): DecoderConfig {
  if (config.family === 'decoder') return config;
  throw new ExpectedError(
    'checkpoint/notADecoder',
    `${config.modelType} is an encoder, and ${purpose} works with decoders only`,
    `Choose a checkpoint of one of these model types: ${MODEL_TYPES.join(', ')}.`,
    { file },
  );
}
