/** Elements of any plain type as numbers, block by block, for statistics. */
import type { Dtype } from '../../checkpoint/safetensors/dtype.ts';
import { widenBF16, widenF16 } from '../../checkpoint/safetensors/floatConversion.ts';

/** Turns the bytes of whole elements into numbers; 64-bit integers lose what float64 cannot hold. */
type Decoder = (bytes: Uint8Array<ArrayBuffer>) => ArrayLike<number>;

const over =
  <T>(view: new (buffer: ArrayBuffer, offset: number, length: number) => T, size: number) =>
  (bytes: Uint8Array<ArrayBuffer>): T =>
    new view(bytes.buffer, bytes.byteOffset, bytes.byteLength / size);

const widened =
  (widen: (source: Uint16Array, target: Float32Array) => void): Decoder =>
  (bytes) => {
    const bits = over(Uint16Array, 2)(bytes);
    const numbers = new Float32Array(bits.length);
    widen(bits, numbers);
    return numbers;
  };

const DECODERS: Readonly<Partial<Record<Dtype, Decoder>>> = {
  BOOL: (bytes) => bytes,
  U8: (bytes) => bytes,
  I8: over(Int8Array, 1),
  I16: over(Int16Array, 2),
  U16: over(Uint16Array, 2),
  F16: widened(widenF16),
  BF16: widened(widenBF16),
  I32: over(Int32Array, 4),
  U32: over(Uint32Array, 4),
  F32: over(Float32Array, 4),
  I64: (bytes) => Float64Array.from(over(BigInt64Array, 8)(bytes), Number),
  U64: (bytes) => Float64Array.from(over(BigUint64Array, 8)(bytes), Number),
  F64: over(Float64Array, 8),
};

/** Whether elements of this type can be taken as numbers. */
export function isCountable(dtype: Dtype): boolean {
  return DECODERS[dtype] !== undefined;
}

export function decoderOf(dtype: Dtype): Decoder | undefined {
  return DECODERS[dtype];
}
