/** Finds and opens the weight files of a checkpoint folder: one safetensors file, or the shards that an index names. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ExpectedError } from '../errors/expected.ts';
import { explainingErrors } from '../files/systemError.ts';
import { openSafetensors, type SafetensorsFile } from './safetensorsReader.ts';
import { parseStrictJson, StrictJsonError } from './strictJson.ts';

export const SINGLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

/** Formats that run code when they are loaded. */
const PICKLES = /\.(bin|pt|pth|ckpt|pkl)$/i;

/** The error for a checkpoint in a pickle format. */
export function pickleError(file: string): ExpectedError {
  return new ExpectedError(
    'checkpoint/pickle',
    'expected *.safetensors, found a pickle, which can run any code when it is loaded',
    'Convert it once where you trust it: AutoModelForCausalLM.from_pretrained(folder).save_pretrained(newFolder) in transformers writes safetensors.',
    { file },
  );
}

/** Opens every weight file; the caller closes them. */
export async function openShards(folder: string): Promise<readonly SafetensorsFile[]> {
  const names = await explainingErrors(folder, () => readdir(folder));
  if (names.includes(INDEX_FILE)) return openIndexed(folder);
  if (names.includes(SINGLE_FILE)) return [await openSafetensors(join(folder, SINGLE_FILE))];
  const pickle = names.find((name) => PICKLES.test(name));
  if (pickle !== undefined) throw pickleError(join(folder, pickle));
  throw new ExpectedError(
    'checkpoint/noWeights',
    `expected ${SINGLE_FILE} or ${INDEX_FILE}, found neither`,
    'Give the folder of a Hugging Face checkpoint.',
    { file: folder },
  );
}

async function openIndexed(folder: string): Promise<readonly SafetensorsFile[]> {
  const index = join(folder, INDEX_FILE);
  const weightMap = parseIndex(await explainingErrors(index, () => readFile(index, 'utf8')), index);
  const shards: SafetensorsFile[] = [];
  try {
    for (const name of new Set(weightMap.values())) shards.push(await openSafetensors(join(folder, name)));
    checkIndex(weightMap, shards, index);
    return shards;
  } catch (error) {
    for (const shard of shards) await shard.close();
    throw error;
  }
}

/** File name by tensor name; names that lead out of the folder are refused. */
function parseIndex(text: string, file: string): ReadonlyMap<string, string> {
  const weightMap = indexField(text, file);
  const files = new Map<string, string>();
  for (const [tensor, name] of weightMap) {
    if (typeof name !== 'string' || basename(name) !== name || name.includes('\\') || !name.endsWith('.safetensors')) {
      throw indexError(file, `expected the name of a safetensors file in the same folder, found ${JSON.stringify(name)}`, tensor);
    }
    files.set(tensor, name);
  }
  return files;
}

function indexField(text: string, file: string): ReadonlyMap<string, unknown> {
  try {
    const value = parseStrictJson(text);
    const weightMap = value instanceof Map ? (value as ReadonlyMap<string, unknown>).get('weight_map') : undefined;
    if (weightMap instanceof Map && weightMap.size > 0) return weightMap as ReadonlyMap<string, unknown>;
  } catch (error) {
    if (error instanceof StrictJsonError) throw indexError(file, `expected JSON: ${error.message}`);
    throw error;
  }
  throw indexError(file, 'expected the field weight_map with a file for each tensor');
}

/** Each tensor stands in the shard that the index names, and in no other. */
function checkIndex(weightMap: ReadonlyMap<string, string>, shards: readonly SafetensorsFile[], file: string): void {
  const found = new Map<string, string>();
  for (const shard of shards) {
    for (const tensor of shard.tensors.keys()) {
      if (found.has(tensor)) throw indexError(file, 'found the tensor in two shards', tensor);
      found.set(tensor, basename(shard.path));
    }
  }
  for (const [tensor, name] of weightMap) {
    if (found.get(tensor) !== name) throw indexError(file, `expected the tensor in ${name}, found it ${found.get(tensor) ?? 'nowhere'}`, tensor);
  }
}

function indexError(file: string, problem: string, tensor?: string): ExpectedError {
  const fix = 'Fetch the checkpoint again: its index and its shards do not belong together.';
  return new ExpectedError('checkpoint/invalidIndex', problem, fix, tensor === undefined ? { file } : { file, tensor });
}
