/** The element types that a weight matrix may have, and how their bits become magnitudes. */
import type { Dtype } from '../checkpoint/safetensors/dtype.ts';

export type WeightDtype = 'F32' | 'F16' | 'BF16';

export function isWeightDtype(dtype: Dtype): dtype is WeightDtype {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';
}

/** A magnitude is the pattern without its sign, shifted left and read as F32, times the scale. */
export interface Widening16 {
  readonly shift: number;
  readonly scale: number;
}

/**
 * BF16 is the upper half of an F32. F16 has 10 bits of fraction where F32 has 23, and its exponent's bias is 15 where F32
 * has 127; a product by 2^112 sets that right for subnormal numbers too, and maps infinity and NaN to 65536 and above.
 */
export const WIDENING_16: Readonly<Record<'F16' | 'BF16', Widening16>> = {
  BF16: { shift: 16, scale: 1 },
  F16: { shift: 13, scale: 2 ** 112 },
};

/** Widened magnitudes from here on are infinite or NaN. */
export const NOT_FINITE_FROM: Readonly<Record<WeightDtype, number>> = { F32: Infinity, BF16: Infinity, F16: 65536 };
