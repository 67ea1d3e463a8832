/** Single weights as bits in bytes, in each of the weight types. */
import { roundToBF16, roundToF16, widenBF16, widenF16 } from '../checkpoint/floatConversion.ts';
import type { WeightDtype } from '../selection/weightDtype.ts';

/** Bits are unsigned integers of the element's size. */
export interface FloatAccess {
  readonly sizeBytes: number;
  readonly readBits: (view: DataView, offset: number) => number;
  readonly writeBits: (view: DataView, offset: number, bits: number) => void;
  /** Exact. */
  readonly valueOf: (bits: number) => number;
  /** Rounds to nearest, ties to even; F32 values only. */
  readonly bitsOf: (value: number) => number;
}

const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);
const half = new Uint16Array(1);

const read16 = (view: DataView, offset: number): number => view.getUint16(offset, true);
const write16 = (view: DataView, offset: number, bits: number): void => view.setUint16(offset, bits, true);

const widened = (widen: (source: Uint16Array, target: Float32Array) => void, bits: number): number => {
  half[0] = bits;
  widen(half, float);
  return float[0]!;
};

export const FLOAT_ACCESS: Readonly<Record<WeightDtype, FloatAccess>> = {
  F32: {
    sizeBytes: 4,
    readBits: (view, offset) => view.getUint32(offset, true),
    writeBits: (view, offset, bits) => view.setUint32(offset, bits, true),
    valueOf: (bits) => {
      floatBits[0] = bits;
      return float[0]!;
    },
    bitsOf: (value) => {
      float[0] = value;
      return floatBits[0]!;
    },
  },
  F16: {
    sizeBytes: 2,
    readBits: read16,
    writeBits: write16,
    valueOf: (bits) => widened(widenF16, bits),
    bitsOf: roundToF16,
  },
  BF16: {
    sizeBytes: 2,
    readBits: read16,
    writeBits: write16,
    valueOf: (bits) => widened(widenBF16, bits),
    bitsOf: roundToBF16,
  },
};
