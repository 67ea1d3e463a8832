/** The `config.json` of a checkpoint folder. */
import { basename, join } from 'node:path';
import { ExpectedError } from '../errors/expected.ts';
import { parseDecoderConfig, type ParsedConfig } from './decoderConfigParser.ts';
import { readOptionalJson } from './smallFile.ts';

/** @throws ExpectedError `checkpoint/noConfig`, and what parseDecoderConfig throws */
export async function readDecoderConfig(folder: string): Promise<ParsedConfig> {
  const file = join(folder, 'config.json');
  const json = await readOptionalJson(file);
  if (json !== undefined) {
    const { config, warnings } = parseDecoderConfig(json, file);
    return { config, warnings: warnings.map((warning) => `config.json: ${warning}`) };
  }
  const problem = `${basename(folder)} has no config.json`;
  const fix = 'Give the folder of a Hugging Face checkpoint: config.json, *.safetensors and tokenizer.json.';
  throw new ExpectedError('checkpoint/noConfig', problem, fix, { file });
}
