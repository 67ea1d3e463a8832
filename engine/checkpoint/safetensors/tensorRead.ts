/** Reading a tensor as float32 without a second buffer: 16-bit elements are read into their own target and widened there. */
import { ExpectedError } from '../../errors/expected.ts';
import type { PlacedTensor } from '../tensorCheck.ts';
import { widen } from './widening.ts';

/** Elements that are read and widened at once: few enough to stay in the processor's cache. */
const CHUNK_ELEMENTS = 1 << 18;

/** Number of elements of a shape that was checked when its file was opened. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

/** Element types of weights. */
export type FloatDtype = 'F32' | 'F16' | 'BF16';

/** @throws ExpectedError `checkpoint/unsupportedDtype` where the tensor is of another type */
export function floatDtype({ file, entry }: PlacedTensor): FloatDtype {
  if (entry.dtype === 'F32' || entry.dtype === 'F16' || entry.dtype === 'BF16') return entry.dtype;
  const problem = `element type ${entry.dtype}, expected F32, F16 or BF16`;
  const fix = 'Use a tensor of one of these types.';
  throw new ExpectedError('checkpoint/unsupportedDtype', problem, fix, { file: file.path, tensor: entry.name });
}

/**
 * The elements of an F32, F16 or BF16 tensor, at the start of `into` where that is given.
 * @throws ExpectedError `checkpoint/unsupportedDtype`
 */
export async function readFloat32({ file, entry }: PlacedTensor, into?: Float32Array): Promise<Float32Array> {
  const count = elementsOf(entry.shape);
  const target = into ?? new Float32Array(count);
  if (target.length < count)
    throw new RangeError(`${entry.name}: ${String(count)} elements, room for ${String(target.length)}`);
  const dtype = floatDtype({ file, entry });
  if (dtype === 'F32') {
    await file.readInto(entry.name, 0, bytesOf(target, 0, count * 4));
    return target;
  }
  for (let start = 0; start < count; start += CHUNK_ELEMENTS) {
    const length = Math.min(CHUNK_ELEMENTS, count - start);
    // The narrow elements fill the upper half of the chunk; widening from the front never overtakes what is unread.
    const narrow = bytesOf(target, start * 4 + length * 2, length * 2);
    await file.readInto(entry.name, start * 2, narrow);
    const bits = new Uint16Array(narrow.buffer, narrow.byteOffset, length);
    widen(dtype, bits, target.subarray(start, start + length));
  }
  return target;
}

function bytesOf(target: Float32Array, offset: number, length: number): Uint8Array {
  return new Uint8Array(target.buffer, target.byteOffset + offset, length);
}
