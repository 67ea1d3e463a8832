/**
 * The bytes of a checkpoint's tensors as they are in its files: all of them in memory, or each read just before it is
 * needed, while something else is computed.
 */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { elementSize } from '../../checkpoint/safetensors/dtype.ts';
import { elementsOf, floatDtype, type FloatDtype } from '../../checkpoint/safetensors/tensorRead.ts';
import { widen } from '../../checkpoint/safetensors/widening.ts';

/** Consecutive elements of one tensor. */
export interface TensorPart {
  readonly tensor: string;
  readonly firstElement: number;
  readonly elementCount: number;
}

export interface StoredTensors {
  /** The bytes of the parts, in their order; valid until the next call with the same `use`. */
  read(use: string, parts: readonly TensorPart[]): Promise<readonly Uint8Array[]>;
  /** Begins to read what the next call of `read` with this `use` will ask for; the bytes read before it are void. */
  prefetch(use: string, parts: readonly TensorPart[]): void;
  release(): Promise<void>;
}

/** Loads every tensor that is named. */
export async function storedInMemory(checkpoint: Checkpoint, tensors: readonly string[]): Promise<StoredTensors> {
  const bytesOf = new Map<string, Uint8Array>();
  for (const name of tensors) bytesOf.set(name, await checkpoint.readRaw(name));
  const part = ({ tensor, firstElement, elementCount }: TensorPart): Uint8Array => {
    const bytes = bytesOf.get(tensor);
    if (bytes === undefined) throw new Error(`${tensor} was not loaded`);
    const size = elementSize(checkpoint.tensor(tensor).entry.dtype);
    return bytes.subarray(firstElement * size, (firstElement + elementCount) * size);
  };
  return {
    read: (_use, parts) => Promise.resolve(parts.map(part)),
    prefetch: () => undefined,
    release: () => Promise.resolve(),
  };
}

/** Reads from the checkpoint's files, which must stay open until it is released. */
export function storedInFiles(checkpoint: Checkpoint): StoredTensors {
  const lanes = new Map<string, ReadingLane>();
  const lane = (use: string): ReadingLane => {
    const known = lanes.get(use) ?? new ReadingLane(checkpoint);
    lanes.set(use, known);
    return known;
  };
  return {
    read: (use, parts) => lane(use).read(parts),
    prefetch: (use, parts) => {
      lane(use).prefetch(parts);
    },
    async release() {
      for (const one of lanes.values()) await one.settle();
    },
  };
}

/** Reads into buffers that are used again. The operating system reads on while this thread computes. */
class ReadingLane {
  readonly #checkpoint: Checkpoint;
  #buffer = new ArrayBuffer(0);
  #ahead: { readonly key: string; readonly bytes: Promise<readonly Uint8Array[]> } | undefined;

  constructor(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint;
  }

  async read(parts: readonly TensorPart[]): Promise<readonly Uint8Array[]> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.key === JSON.stringify(parts)) return ahead.bytes;
    await ahead?.bytes;
    return this.#start(parts);
  }

  prefetch(parts: readonly TensorPart[]): void {
    const key = JSON.stringify(parts);
    if (this.#ahead !== undefined) return;
    const bytes = this.#start(parts);
    // A failure is reported to whoever asks for the bytes, and may be so only later.
    bytes.catch(() => undefined);
    this.#ahead = { key, bytes };
  }

  async settle(): Promise<void> {
    await this.#ahead?.bytes.catch(() => undefined);
  }

  async #start(parts: readonly TensorPart[]): Promise<readonly Uint8Array[]> {
    const reads = parts.map((part) => {
      const { file, entry } = this.#checkpoint.tensor(part.tensor);
      const size = elementSize(entry.dtype);
      return { file, name: entry.name, offset: part.firstElement * size, length: part.elementCount * size };
    });
    // Each part begins at a multiple of 4 bytes, so that its elements can be viewed in place.
    const starts: number[] = [];
    let total = 0;
    for (const { length } of reads) {
      starts.push(total);
      total += Math.ceil(length / 4) * 4;
    }
    if (this.#buffer.byteLength < total) this.#buffer = new ArrayBuffer(total);
    const bytes = reads.map(({ length }, index) => new Uint8Array(this.#buffer, starts[index], length));
    await Promise.all(
      reads.map(({ file, name, offset }, index) => file.readInto(name, offset, bytes[index] as Uint8Array)),
    );
    return bytes;
  }
}

/** Writes elements of a tensor, given by their bytes, to the start of `target` as float32. */
export function widenBytes(dtype: FloatDtype, bytes: Uint8Array, target: Float32Array): void {
  const length = bytes.byteLength / elementSize(dtype);
  if (dtype === 'F32') target.set(new Float32Array(bytes.buffer, bytes.byteOffset, length));
  else widen(dtype, new Uint16Array(bytes.buffer, bytes.byteOffset, length), target);
}

/** A tensor as one part. */
export function wholeTensor(checkpoint: Checkpoint, tensor: string): TensorPart {
  return { tensor, firstElement: 0, elementCount: elementsOf(checkpoint.tensor(tensor).entry.shape) };
}

/** The element type of each tensor. */
export function dtypeOf(checkpoint: Checkpoint, tensor: string): FloatDtype {
  return floatDtype(checkpoint.tensor(tensor));
}
