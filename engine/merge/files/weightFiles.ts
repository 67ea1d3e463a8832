/** Writes one merged weight file: patched as it streams by in the base's types, or widened to F32 tensor by tensor. */
import { constants, copyFile } from 'node:fs/promises';
import { elementSize } from '../../checkpoint/safetensors/dtype.ts';
import { widenBF16, widenF16 } from '../../checkpoint/safetensors/floatConversion.ts';
import type { TensorEntry } from '../../checkpoint/safetensors/safetensorsHeader.ts';
import type { SafetensorsFile } from '../../checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors, type TensorToWrite } from '../../checkpoint/safetensors/safetensorsWriter.ts';
import { CancelledError } from '../../errors/expected.ts';
import { createFilePatcher, type PatchTarget } from '../patches/filePatcher.ts';
import { streamFile } from './fileStream.ts';
import type { PatchCounts, TensorPatch } from '../patches/tensorPatch.ts';

export interface FileTask {
  readonly file: SafetensorsFile;
  /** Path of the new file. */
  readonly target: string;
  /** Matrices of the file that are changed. */
  readonly targets: readonly PatchTarget[];
  /** Loads the changes of a matrix. */
  readonly createPatch: (target: PatchTarget) => Promise<TensorPatch>;
  /** Told when a matrix is through. */
  readonly onPatched: (target: PatchTarget, counts: PatchCounts) => void;
  /** Told bytes of the source. */
  readonly onBytes: (count: number) => void;
  readonly signal: AbortSignal | undefined;
}

const CHUNK_BYTES = 4 << 20;

/** The file with its header, its order and every byte outside of the changed entries. */
export async function patchWeightFile(task: FileTask): Promise<void> {
  const { file, target, targets, createPatch, onPatched, onBytes, signal } = task;
  if (targets.length === 0 && (await cloneFile(file.path, target))) {
    onBytes(file.sizeBytes);
    return;
  }
  const patcher = createFilePatcher(targets, createPatch, onPatched);
  await streamFile(file.path, target, file.sizeBytes, { ...patcher, onBytes, signal });
}

/** Lets both files share their blocks until one is written; false where the file system cannot. */
async function cloneFile(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return true;
  } catch {
    return false; // Streaming the bytes comes next and reports what is wrong, if anything is.
  }
}

/** Whether the file holds 16-bit floats. */
export function hasHalves({ tensors }: SafetensorsFile): boolean {
  return [...tensors.values()].some(isHalf);
}

/** Bytes of the file's tensors once widened. */
export function widenedBytes({ tensors }: SafetensorsFile): number {
  return [...tensors.values()].reduce((total, entry) => total + entry.byteLength * (isHalf(entry) ? 2 : 1), 0);
}

/** The file with every F16 and BF16 tensor widened to F32, which is exact, and patched in F32. */
export async function widenWeightFile(task: FileTask): Promise<void> {
  const targets = new Map(task.targets.map((target) => [target.entry.name, target]));
  const tensors = [...task.file.tensors.values()].map((entry): TensorToWrite => {
    const dtype = isHalf(entry) ? 'F32' : entry.dtype;
    return { name: entry.name, dtype, shape: entry.shape, bytes: widenedChunks(task, entry, targets.get(entry.name)) };
  });
  await writeSafetensors(task.target, tensors, Object.fromEntries(task.file.metadata));
}

function isHalf({ dtype }: TensorEntry): boolean {
  return dtype === 'F16' || dtype === 'BF16';
}

async function* widenedChunks(
  { file, createPatch, onPatched, onBytes, signal }: FileTask,
  entry: TensorEntry,
  target: PatchTarget | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const patch = target === undefined ? undefined : await createPatch(target);
  for (let offset = 0; offset < entry.byteLength; offset += CHUNK_BYTES) {
    if (signal?.aborted === true) throw new CancelledError();
    const source = new Uint8Array(Math.min(CHUNK_BYTES, entry.byteLength - offset));
    await file.readInto(entry.name, offset, source);
    const widened = isHalf(entry) ? widen(source, entry) : source;
    patch?.apply(source, widened, offset / elementSize(entry.dtype));
    yield widened;
    onBytes(source.byteLength);
  }
  if (patch !== undefined && target !== undefined) onPatched(target, patch.counts());
}

function widen(source: Uint8Array<ArrayBuffer>, { dtype }: TensorEntry): Uint8Array {
  const widened = new Float32Array(source.byteLength / 2);
  (dtype === 'F16' ? widenF16 : widenBF16)(new Uint16Array(source.buffer), widened);
  return new Uint8Array(widened.buffer);
}
