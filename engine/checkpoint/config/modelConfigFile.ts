/** The `config.json` of a checkpoint folder: read by the parser of the model's family. */
import { basename, join } from 'node:path';
import { ExpectedError } from '../../errors/expected.ts';
import type { JsonObject } from './configFields.ts';
import { MODEL_TYPES } from './decoderConfig.ts';
import { parseDecoderConfig } from './decoderConfigParser.ts';
import { ENCODER_TYPES } from './encoderConfig.ts';
import { parseEncoderConfig } from './encoderConfigParser.ts';
import { ALL_MODEL_TYPES, type ModelConfig } from './modelConfig.ts';
import type { ParsedConfig } from './modelConfigParts.ts';
import { readOptionalJson } from '../smallFile.ts';

/** @throws ExpectedError `checkpoint/noConfig`, and what parseModelConfig throws */
export async function readModelConfig(folder: string): Promise<ParsedConfig<ModelConfig>> {
  const file = join(folder, 'config.json');
  const json = await readOptionalJson(file);
  if (json !== undefined) {
    const { config, warnings } = parseModelConfig(json, file);
    return { config, warnings: warnings.map((warning) => `config.json: ${warning}`) };
  }
  const problem = `${basename(folder)} has no config.json`;
  const fix = 'Give the folder of a Hugging Face checkpoint: config.json, *.safetensors and tokenizer.json.';
  throw new ExpectedError('checkpoint/noConfig', problem, fix, { file });
}

/**
 * @param file path for messages
 * @throws ExpectedError `checkpoint/unsupportedModel`, `checkpoint/unsupportedOption`, `checkpoint/invalidConfig`
 */
export function parseModelConfig(json: JsonObject, file: string): ParsedConfig<ModelConfig> {
  const found = json.get('model_type');
  const decoderType = MODEL_TYPES.find((type) => type === found);
  if (decoderType !== undefined) return parseDecoderConfig(decoderType, json, file);
  const encoderType = ENCODER_TYPES.find((type) => type === found);
  if (encoderType !== undefined) return parseEncoderConfig(encoderType, json, file);
  const problem = `model_type ${JSON.stringify(found ?? null)} is not supported`;
  const fix = `Choose a checkpoint of one of these model types: ${ALL_MODEL_TYPES.join(', ')}.`;
  throw new ExpectedError('checkpoint/unsupportedModel', problem, fix, { file, field: 'model_type' });
}
