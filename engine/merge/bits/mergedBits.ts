/** The rule of merging, for a single weight: the sum in F32, then one rounding to the merged type. */
import type { FloatAccess } from './floatAccess.ts';

/**
 * Bits of original + delta. A delta of zero leaves the weight as it is, the sign of a zero included.
 * @param base type of the original
 * @param merged type of the result: the base's, or F32
 */
export function mergedBits(original: number, delta: number, base: FloatAccess, merged: FloatAccess): number {
  if (delta === 0) return base === merged ? original : merged.bitsOf(base.valueOf(original));
  // The F64 sum of two F32 numbers, rounded to F32, is their F32 sum: 53 bits are more than twice 24 and two.
  return merged.bitsOf(Math.fround(base.valueOf(original) + delta));
}
