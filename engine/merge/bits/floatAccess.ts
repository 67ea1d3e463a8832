/** Single weights as bits, in each of the weight types. */
import { bf16Value, f16Value, roundToBF16, roundToF16 } from '../../checkpoint/safetensors/floatConversion.ts';
import type { WeightDtype } from '../../selection/weightDtype.ts';

/** Integers of the elements' size: unsigned of 16, but signed of 32, which V8 computes with as they are. */
export type FloatBits = Uint16Array | Int32Array;

export interface FloatAccess {
  readonly sizeBytes: number;
  /** The bits of all elements, in place; `bytes` begins at a multiple of the element's size in its buffer. */
  readonly viewBits: (bytes: Uint8Array) => FloatBits;
  /** Exact. */
  readonly valueOf: (bits: number) => number;
  /** Rounds to nearest, ties to even; F32 values only. */
  readonly bitsOf: (value: number) => number;
}

const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);

const view16 = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint16Array =>
  new Uint16Array(buffer, byteOffset, byteLength / 2);

export const FLOAT_ACCESS: Readonly<Record<WeightDtype, FloatAccess>> = {
  F32: {
    sizeBytes: 4,
    viewBits: ({ buffer, byteOffset, byteLength }) => new Int32Array(buffer, byteOffset, byteLength / 4),
    valueOf: (bits) => {
      floatBits[0] = bits;
      return float[0]!;
    },
    bitsOf: (value) => {
      float[0] = value;
      return floatBits[0]!;
    },
  },
  F16: { sizeBytes: 2, viewBits: view16, valueOf: f16Value, bitsOf: roundToF16 },
  BF16: { sizeBytes: 2, viewBits: view16, valueOf: bf16Value, bitsOf: roundToBF16 },
};
