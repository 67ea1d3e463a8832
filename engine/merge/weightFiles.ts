/** Writes one merged weight file: patched as it streams by in the base's type, or widened to F32 tensor by tensor. */
import { open } from 'node:fs/promises';
import { widenBF16, widenF16 } from '../checkpoint/floatConversion.ts';
import { LENGTH_PREFIX_BYTES, type TensorEntry } from '../checkpoint/safetensorsHeader.ts';
import type { SafetensorsFile } from '../checkpoint/safetensorsReader.ts';
import { writeSafetensors, type TensorToWrite } from '../checkpoint/safetensorsWriter.ts';
import { CancelledError } from '../errors/expected.ts';
import { readExactly } from '../files/positionalAccess.ts';
import { isWeightDtype, type WeightDtype } from '../selection/weightDtype.ts';
import { createFilePatcher, type PatchTarget } from './filePatcher.ts';
import { streamFile } from './fileStream.ts';
import type { ModuleEntries } from './moduleEntries.ts';
import { createMergePatch, type PatchCounts, type TensorPatch } from './tensorPatch.ts';

export interface FileTask {
  readonly file: SafetensorsFile;
  /** Path of the new file. */
  readonly target: string;
  /** Matrices of the file that are changed. */
  readonly modules: readonly PatchTarget[];
  /** Loads the entries of a module. */
  readonly entries: (module: string) => Promise<ModuleEntries>;
  readonly onPatched: (module: string, counts: PatchCounts) => void;
  readonly onBytes: (count: number) => void;
  readonly signal: AbortSignal | undefined;
}

const CHUNK_BYTES = 4 << 20;

/** The file with its header, its order and every byte outside of the changed entries. */
export async function patchWeightFile(task: FileTask): Promise<void> {
  const patcher = createFilePatcher(
    task.modules,
    async ({ module, entry }) => createMergePatch(await task.entries(module), entry.dtype as WeightDtype),
    ({ module }, counts) => {
      task.onPatched(module, counts);
    },
  );
  await streamFile(task.file.path, task.target, task.file.sizeBytes, {
    ...patcher,
    onBytes: task.onBytes,
    signal: task.signal,
  });
}

/**
 * The file with every F16 and BF16 tensor widened to F32.
 *
 * @returns the base's header, with which the base can be restored, and the bytes of the new tensors
 */
export async function widenWeightFile(task: FileTask): Promise<{ headerBytes: Uint8Array; tensorBytes: number }> {
  const modules = new Map(task.modules.map(({ module, entry }) => [entry.name, module]));
  const tensors = [...task.file.tensors.values()].map((entry): TensorToWrite => {
    const dtype = isWeightDtype(entry.dtype) ? 'F32' : entry.dtype;
    return { name: entry.name, dtype, shape: entry.shape, bytes: widenedChunks(task, entry, modules.get(entry.name)) };
  });
  await writeSafetensors(task.target, tensors, Object.fromEntries(task.file.metadata));
  const tensorBytes = [...task.file.tensors.values()].reduce((total, entry) => total + widenedBytes(entry), 0);
  return { headerBytes: await headerOf(task.file), tensorBytes };
}

function widenedBytes({ dtype, byteLength }: TensorEntry): number {
  return dtype === 'F16' || dtype === 'BF16' ? byteLength * 2 : byteLength;
}

async function* widenedChunks(
  task: FileTask,
  entry: TensorEntry,
  module: string | undefined,
): AsyncGenerator<Uint8Array> {
  const { dtype } = entry;
  const patch: TensorPatch | undefined =
    module === undefined ? undefined : createMergePatch(await task.entries(module), 'F32');
  for (let offset = 0; offset < entry.byteLength; offset += CHUNK_BYTES) {
    if (task.signal?.aborted === true) throw new CancelledError();
    const source = new Uint8Array(Math.min(CHUNK_BYTES, entry.byteLength - offset));
    await task.file.readInto(entry.name, offset, source);
    const chunk = widen(source, dtype);
    patch?.apply(source, chunk, offset / (dtype === 'F32' ? 4 : 2));
    task.onBytes(source.byteLength);
    yield chunk;
  }
  if (patch !== undefined && module !== undefined) task.onPatched(module, patch.counts());
}

/** F16 and BF16 bytes as F32 bytes; others as they are. */
function widen(source: Uint8Array<ArrayBuffer>, dtype: string): Uint8Array {
  if (dtype !== 'F16' && dtype !== 'BF16') return source.slice();
  const widened = new Float32Array(source.byteLength / 2);
  (dtype === 'F16' ? widenF16 : widenBF16)(new Uint16Array(source.buffer), widened);
  return new Uint8Array(widened.buffer);
}

async function headerOf({ path, dataStart }: SafetensorsFile): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const bytes = new Uint8Array(dataStart - LENGTH_PREFIX_BYTES);
    await readExactly(handle, bytes, LENGTH_PREFIX_BYTES, path);
    return bytes;
  } finally {
    await handle.close();
  }
}
