/**
 * Merging of entries where the type stays, a plain loop for each type: entries come in millions, and a loop that calls
 * functions of their type takes twice as long. The rule is that of `mergedBits`.
 */
import type { WeightDtype } from '../../selection/weightDtype.ts';
import type { FloatBits } from '../bits/floatAccess.ts';
import type { ModuleEntries } from '../changes/moduleEntries.ts';

/** What became of entries. */
export interface EntryCounts {
  /** Entries whose bytes differ from before. */
  changed: number;
  /** Deltas that are not zero, but too small to change their weight in its type. */
  lost: number;
  /** Entries that were not as the adapter says they should be. */
  unexpected: number;
  /** Sums too large for the merged type. */
  overflows: number;
}

/**
 * Merges entries `first` to `last`, the latter left out.
 * @param before bits of the elements from number `firstElement` on
 * @param after receives the changed ones; may be `before`
 * @param counts are added to
 */
export type EntryLoop = (
  entries: ModuleEntries,
  range: { readonly first: number; readonly last: number; readonly firstElement: number },
  before: FloatBits,
  after: FloatBits,
  counts: EntryCounts,
) => void;

const F32_INFINITY = 0x7f800000;
const BF16_INFINITY = 0x7f80;
const BF16_QUIET_NAN = 0x0040;

const sum = new Float32Array(1);
const sumBits = new Int32Array(sum.buffer);

/** Types without a loop of their own are merged entry by entry. */
export const ENTRY_LOOPS: Readonly<Partial<Record<WeightDtype, EntryLoop>>> = {
  F32: ({ elements, deltas, originals }, { first, last, firstElement }, before, after, counts) => {
    const values = new Float32Array(before.buffer, before.byteOffset, before.length);
    const sums = new Float32Array(after.buffer, after.byteOffset, after.length);
    let lost = 0;
    let unchanged = 0;
    let unexpected = 0;
    let overflows = 0;
    for (let entry = first; entry < last; entry += 1) {
      const element = (elements[entry]! - firstElement) | 0;
      const bits = before[element]!;
      const delta = deltas[entry]!;
      if (bits !== originals[entry]!) unexpected += 1;
      if (delta === 0) {
        after[element] = bits;
        unchanged += 1;
        continue;
      }
      sums[element] = values[element]! + delta;
      const merged = after[element]!;
      if (merged === bits) lost += 1;
      if ((merged & F32_INFINITY) === F32_INFINITY) overflows += 1;
    }
    counts.changed += last - first - unchanged - lost;
    counts.lost += lost;
    counts.unexpected += unexpected;
    counts.overflows += overflows;
  },

  BF16: ({ elements, deltas, originals }, { first, last, firstElement }, before, after, counts) => {
    let lost = 0;
    let unchanged = 0;
    let unexpected = 0;
    let overflows = 0;
    for (let entry = first; entry < last; entry += 1) {
      const element = (elements[entry]! - firstElement) | 0;
      const bits = before[element]!;
      const delta = deltas[entry]!;
      if (bits !== originals[entry]!) unexpected += 1;
      if (delta === 0) {
        after[element] = bits;
        unchanged += 1;
        continue;
      }
      sumBits[0] = bits << 16;
      sum[0]! += delta;
      const exact = sumBits[0];
      const isNumber = (exact & 0x7fffffff) <= F32_INFINITY;
      const rounded = ((exact + 0x7fff + ((exact >>> 16) & 1)) | 0) >>> 16;
      const merged = isNumber ? rounded : (exact >>> 16) | BF16_QUIET_NAN;
      after[element] = merged;
      if (merged === bits) lost += 1;
      if ((merged & BF16_INFINITY) === BF16_INFINITY) overflows += 1;
    }
    counts.changed += last - first - unchanged - lost;
    counts.lost += lost;
    counts.unexpected += unexpected;
    counts.overflows += overflows;
  },
};
