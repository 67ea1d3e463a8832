/** The index of a sharded checkpoint, `model.safetensors.index.json`: which file holds which tensor. */
import { ExpectedError } from '../../errors/expected.ts';
import { isAbsent, isJsonObject, jsonText, type JsonObject } from '../config/configFields.ts';

export interface ShardIndex {
  /** File name of each tensor. */
  readonly fileOfTensor: ReadonlyMap<string, string>;
  /** Each file once, in order of their names. */
  readonly files: readonly string[];
  /** `metadata.total_size`, where it is given. */
  readonly totalBytes: number | undefined;
}

/** A plain name of a safetensors file, in whose place no path can stand on any system. */
const FILE_NAME = /^(?!\.)[^/\\:\u0000]+\.safetensors$/;

/** @throws ExpectedError `checkpoint/invalidIndex` */
export function parseShardIndex(json: JsonObject, file: string): ShardIndex {
  const weightMap = json.get('weight_map');
  if (!isJsonObject(weightMap) || weightMap.size === 0) {
    throw invalidIndex(file, `expected an object with a file for each tensor, found ${jsonText(weightMap)}`);
  }
  const fileOfTensor = new Map<string, string>();
  for (const [tensor, name] of weightMap) {
    if (typeof name !== 'string' || !FILE_NAME.test(name)) {
      const problem = `expected the name of a safetensors file in the same folder, found ${jsonText(name)}`;
      throw invalidIndex(file, problem, tensor);
    }
    fileOfTensor.set(tensor, name);
  }
  return { fileOfTensor, files: [...new Set(fileOfTensor.values())].sort(), totalBytes: parseTotal(json, file) };
}

function parseTotal(json: JsonObject, file: string): number | undefined {
  const metadata = json.get('metadata');
  const total = isJsonObject(metadata) ? metadata.get('total_size') : undefined;
  if (isAbsent(total)) return undefined;
  if (typeof total === 'number' && Number.isSafeInteger(total)) return total;
  throw invalidIndex(file, `expected metadata.total_size in bytes, found ${jsonText(total)}`);
}

function invalidIndex(file: string, problem: string, tensor?: string): ExpectedError {
  const place = tensor === undefined ? { file, field: 'weight_map' } : { file, tensor };
  return new ExpectedError('checkpoint/invalidIndex', problem, 'Fetch the index file again.', place);
}
