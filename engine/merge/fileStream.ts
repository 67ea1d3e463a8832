/** Copies a file in chunks that can be changed on the way: the next chunk is read while the last one is written. */
import { open, type FileHandle } from 'node:fs/promises';
import { CancelledError } from '../errors/expected.ts';
import { readExactly, writeExactly } from '../files/positionalAccess.ts';
import { explainingErrors } from '../files/systemError.ts';

const CHUNK_BYTES = 4 << 20;

export interface StreamOptions {
  /** The end of a chunk that would end at `end`: at or a little before it, where a chunk may be cut. */
  readonly cutBefore?: (end: number) => number;
  /** Changes the bytes that lie at `position` of the file, in place. */
  readonly change?: (bytes: Uint8Array, position: number) => Promise<void>;
  readonly onBytes: (count: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** Copies `source` to the new file `target`, in constant memory. */
export async function streamFile(
  source: string,
  target: string,
  sizeBytes: number,
  options: StreamOptions,
): Promise<void> {
  const from = await explainingErrors(source, () => open(source, 'r'));
  try {
    const to = await explainingErrors(target, () => open(target, 'wx'));
    try {
      await copyChunks(from, to, source, sizeBytes, options);
    } catch (error) {
      await explainingErrors(target, () => Promise.reject(error as Error));
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

async function copyChunks(
  from: FileHandle,
  to: FileHandle,
  source: string,
  sizeBytes: number,
  { cutBefore = (end) => end, change, onBytes, signal }: StreamOptions,
): Promise<void> {
  const buffers = [new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES)] as const;
  const writes: [Promise<void>, Promise<void>] = [Promise.resolve(), Promise.resolve()];
  try {
    for (let start = 0, chunk = 0; start < sizeBytes; chunk += 1) {
      if (signal?.aborted === true) throw new CancelledError();
      const side = chunk % 2 === 0 ? 0 : 1;
      await writes[side];
      const end = start + CHUNK_BYTES >= sizeBytes ? sizeBytes : cutBefore(start + CHUNK_BYTES);
      const bytes = buffers[side].subarray(0, end - start);
      await readExactly(from, bytes, start, source);
      await change?.(bytes, start);
      writes[side] = writeExactly(to, bytes, start);
      writes[side].catch(() => undefined); // Its failure is met where the write is awaited.
      onBytes(bytes.byteLength);
      start = end;
    }
    await Promise.all(writes);
  } finally {
    await Promise.allSettled(writes);
  }
}
