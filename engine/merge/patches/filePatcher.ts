/** Patches the matrices of one weight file as its chunks stream by; each matrix's entries are loaded when it is reached. */
import type { TensorEntry } from '../../checkpoint/safetensors/safetensorsHeader.ts';
import { elementSize } from '../../checkpoint/safetensors/dtype.ts';
import type { PatchCounts, TensorPatch } from './tensorPatch.ts';

/** A matrix to be patched. */
export interface PatchTarget {
  readonly module: string;
  readonly entry: TensorEntry;
}

export interface FilePatcher {
  /** See `StreamOptions`: chunks are cut between elements of a patched matrix. */
  readonly cutBefore: (end: number) => number;
  readonly change: (bytes: Uint8Array, position: number) => Promise<void>;
}

/**
 * @param targets matrices of the file
 * @param createPatch loads the entries of a matrix
 * @param onPatched told when a matrix is through
 */
export function createFilePatcher(
  targets: readonly PatchTarget[],
  createPatch: (target: PatchTarget) => Promise<TensorPatch>,
  onPatched: (target: PatchTarget, counts: PatchCounts) => void,
): FilePatcher {
  const ordered = targets.toSorted((a, b) => a.entry.position - b.entry.position);
  let next = 0;
  let current: TensorPatch | undefined;
  return {
    cutBefore: (end) => {
      const across = ordered.find(({ entry }) => entry.position < end && end < entry.position + entry.byteLength);
      return across === undefined ? end : end - ((end - across.entry.position) % elementSize(across.entry.dtype));
    },
    change: async (bytes, position) => {
      const end = position + bytes.byteLength;
      for (let target = ordered[next]; target !== undefined && target.entry.position < end; target = ordered[next]) {
        current ??= await createPatch(target);
        applyTo(current, target.entry, bytes, position);
        if (target.entry.position + target.entry.byteLength > end) return;
        onPatched(target, current.counts());
        current = undefined;
        next += 1;
      }
    },
  };
}

/** Applies the patch to the part of the matrix that lies in the chunk. */
function applyTo(patch: TensorPatch, entry: TensorEntry, chunk: Uint8Array, chunkPosition: number): void {
  const start = Math.max(entry.position, chunkPosition);
  const end = Math.min(entry.position + entry.byteLength, chunkPosition + chunk.byteLength);
  const part = chunk.subarray(start - chunkPosition, end - chunkPosition);
  patch.apply(part, part, (start - entry.position) / elementSize(entry.dtype));
}
