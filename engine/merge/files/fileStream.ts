/** Copies a file in chunks that can be changed on the way: while one is changed, others are read, written and flushed. */
import { open, type FileHandle } from 'node:fs/promises';
import { CancelledError } from '../../errors/expected.ts';
import { readExactly, writeExactly } from '../../files/positionalAccess.ts';
import { explainingErrors } from '../../files/systemError.ts';

/**
 * Fits a core's cache, and stays below the pages of 2 MB that a virtual machine's host takes back when they are free:
 * writing to those is twice as slow.
 */
const CHUNK_BYTES = 1 << 20;
/** One that is read, one that is changed and two that are written. */
const CHUNKS_IN_FLIGHT = 4;
const CHUNKS_PER_FLUSH = 32;

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
  const slots = Array.from({ length: CHUNKS_IN_FLIGHT }, (): Slot => ({
    buffer: new Uint8Array(CHUNK_BYTES),
    written: Promise.resolve(),
  }));
  const spans = spansOf(sizeBytes, cutBefore);
  const readNext = (index: number): Promise<Chunk> | undefined => {
    const span = spans.next().value;
    return span && metLater(readChunk(from, source, span, slots[index % slots.length]!));
  };
  let reading = readNext(0);
  let flushed = Promise.resolve();
  try {
    for (let index = 1; reading !== undefined; index += 1) {
      if (signal?.aborted === true) throw new CancelledError();
      const { bytes, start, slot } = await reading;
      reading = readNext(index);
      await change?.(bytes, start);
      slot.written = metLater(writeExactly(to, bytes, start));
      if (index % CHUNKS_PER_FLUSH === 0) flushed = metLater(flushAfter(to, [flushed, slot.written]));
      onBytes(bytes.byteLength);
    }
    await Promise.all([flushed, ...slots.map(({ written }) => written)]);
  } finally {
    await Promise.allSettled([reading, flushed, ...slots.map(({ written }) => written)]);
  }
}

/** A buffer of the ring: free once what it held is written. */
interface Slot {
  readonly buffer: Uint8Array;
  written: Promise<void>;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly slot: Slot;
}

function* spansOf(sizeBytes: number, cutBefore: (end: number) => number): Generator<Span, undefined> {
  for (let start = 0; start < sizeBytes;) {
    const end = start + CHUNK_BYTES >= sizeBytes ? sizeBytes : cutBefore(start + CHUNK_BYTES);
    yield { start, end };
    start = end;
  }
}

async function readChunk(from: FileHandle, source: string, { start, end }: Span, slot: Slot): Promise<Chunk> {
  await slot.written;
  const bytes = slot.buffer.subarray(0, end - start);
  await readExactly(from, bytes, start, source);
  return { bytes, start, slot };
}

/** Sends to disk what is written, so that the disk works while the rest streams by. */
async function flushAfter(to: FileHandle, before: readonly Promise<void>[]): Promise<void> {
  await Promise.all(before);
  await to.datasync();
}

/** A promise whose failure is met where it is awaited. */
function metLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
