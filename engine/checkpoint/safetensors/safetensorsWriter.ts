/** Writes a safetensors file atomically, one tensor at a time. */
import type { FileHandle } from 'node:fs/promises';
import { fillFileAtomically } from '../../files/atomicFile.ts';
import { writeExactly } from '../../files/positionalAccess.ts';
import { elementCount, elementSize, type Dtype } from './dtype.ts';
import { HEADER_LIMIT_BYTES, LENGTH_PREFIX_BYTES } from './safetensorsHeader.ts';

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** The elements, little-endian; as chunks where the whole should not be in memory at once. */
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
}

const HEADER_ALIGNMENT_BYTES = 8;

/**
 * Writes the tensors with the widest element types first and then by name, as the reference implementation does, so
 * that every tensor is aligned to its element size and the same tensors always give the same bytes.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ordered = [...tensors].sort(
    (a, b) => elementSize(b.dtype) - elementSize(a.dtype) || (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
  const header = encodeHeader(ordered, metadata);
  await fillFileAtomically(path, async (handle) => {
    await writeExactly(handle, header, 0);
    let position = header.byteLength;
    for (const tensor of ordered) position += await writeTensor(handle, tensor, position);
  });
}

/** Length prefix and padded JSON header. */
function encodeHeader(tensors: readonly TensorToWrite[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const fields = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) fields.set('__metadata__', metadata);
  let offset = 0;
  for (const { name, dtype, shape, ...tensor } of tensors) {
    if (fields.has(name) || name === '__metadata__') throw new RangeError(`tensor name ${name} is taken`);
    const end = offset + byteLengthOf({ name, dtype, shape, ...tensor });
    fields.set(name, { dtype, shape, data_offsets: [offset, end] });
    offset = end;
  }
  const members = [...fields].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const length = Math.ceil(json.byteLength / HEADER_ALIGNMENT_BYTES) * HEADER_ALIGNMENT_BYTES;
  if (length > HEADER_LIMIT_BYTES)
    throw new RangeError(`a header of ${String(length)} bytes is over the format's limit`);
  const header = new Uint8Array(LENGTH_PREFIX_BYTES + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, LENGTH_PREFIX_BYTES);
  return header;
}

function byteLengthOf({ name, dtype, shape }: TensorToWrite): number {
  const count = elementCount(shape);
  if (count === undefined) throw new RangeError(`tensor ${name}: shape [${shape.join(', ')}] is too large`);
  return count * elementSize(dtype);
}

async function writeTensor(handle: FileHandle, tensor: TensorToWrite, start: number): Promise<number> {
  const expected = byteLengthOf(tensor);
  let written = 0;
  for await (const chunk of tensor.bytes instanceof Uint8Array ? [tensor.bytes] : tensor.bytes) {
    if (written + chunk.byteLength > expected) break;
    await writeExactly(handle, chunk, start + written);
    written += chunk.byteLength;
  }
  if (written !== expected) {
    throw new RangeError(`tensor ${tensor.name}: its bytes differ from its size of ${String(expected)} bytes`);
  }
  return written;
}
