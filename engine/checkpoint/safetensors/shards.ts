/** Finds and opens the weight files of a checkpoint folder: one safetensors file, or the shards that an index names. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ExpectedError } from '../../errors/expected.ts';
import { explainingErrors } from '../../files/systemError.ts';
import { refuseLinkOut } from '../folderBoundary.ts';
import { openSafetensors, type SafetensorsFile } from './safetensorsReader.ts';
import { parseShardIndex, type ShardIndex } from './shardIndex.ts';
import { readOptionalJson } from '../smallFile.ts';
import { missingWeights } from './weightFormats.ts';

export const SINGLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

export interface Shards {
  readonly files: readonly SafetensorsFile[];
  readonly warnings: readonly string[];
}

/**
 * Opens every weight file; the caller closes them. As in transformers, the single file goes before an index.
 * @throws ExpectedError `checkpoint/pickle`, `checkpoint/noWeights`, `checkpoint/invalidIndex`,
 *   `checkpoint/outsideFolder`, `checkpoint/corruptHeader`
 */
export async function openShards(folder: string): Promise<Shards> {
  const names = await explainingErrors(folder, () => readdir(folder));
  if (names.includes(SINGLE_FILE)) return { files: await openAll(folder, [SINGLE_FILE]), warnings: [] };
  const indexFile = join(folder, INDEX_FILE);
  const json = await readOptionalJson(indexFile);
  if (json === undefined) throw missingWeights(folder, names, (name) => join(folder, name));
  const index = parseShardIndex(json, indexFile);
  const missing = index.files.find((name) => !names.includes(name));
  if (missing !== undefined) throw missingShard(folder, missing);
  const files = await openAll(folder, index.files);
  try {
    return { files, warnings: checkIndex(index, files, indexFile) };
  } catch (error) {
    await closeAll(files);
    throw error;
  }
}

async function openAll(folder: string, names: readonly string[]): Promise<readonly SafetensorsFile[]> {
  const files: SafetensorsFile[] = [];
  try {
    for (const name of names) {
      await refuseLinkOut(folder, name);
      files.push(await openSafetensors(join(folder, name)));
    }
    return files;
  } catch (error) {
    await closeAll(files);
    throw error;
  }
}

async function closeAll(files: readonly SafetensorsFile[]): Promise<void> {
  for (const file of files) await file.close();
}

/** Each tensor must stand in the shard that the index names, and in no other. */
function checkIndex(index: ShardIndex, files: readonly SafetensorsFile[], indexFile: string): readonly string[] {
  const found = new Map<string, string>();
  let totalBytes = 0;
  for (const file of files) {
    for (const { name, byteLength } of file.tensors.values()) {
      const other = found.get(name);
      const shard = basename(file.path);
      if (other !== undefined) throw mismatch(indexFile, `found the tensor in both ${other} and ${shard}`, name);
      if (!index.fileOfTensor.has(name)) throw mismatch(indexFile, `${shard} has a tensor that the index lacks`, name);
      found.set(name, shard);
      totalBytes += byteLength;
    }
  }
  for (const [name, shard] of index.fileOfTensor) {
    const place = found.get(name) ?? 'nowhere';
    if (place !== shard) throw mismatch(indexFile, `expected the tensor in ${shard}, found it ${place}`, name);
  }
  if (index.totalBytes === undefined || index.totalBytes === totalBytes) return [];
  return [
    `${INDEX_FILE}: metadata.total_size is ${String(index.totalBytes)}, but the tensors have ${String(totalBytes)} bytes`,
  ];
}

function mismatch(file: string, problem: string, tensor: string): ExpectedError {
  const fix = 'Fetch the checkpoint again: its index and its shards do not belong together.';
  return new ExpectedError('checkpoint/invalidIndex', problem, fix, { file, tensor });
}

function missingShard(folder: string, name: string): ExpectedError {
  const fix = 'Fetch the missing file: the checkpoint is incomplete.';
  const problem = `${INDEX_FILE} names this file, but it is not there`;
  return new ExpectedError('checkpoint/missingShard', problem, fix, { file: join(folder, name) });
}
