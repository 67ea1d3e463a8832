/** Changes every element of a tensor while its bytes stream by. */
import type { WeightDtype } from '../../selection/weightDtype.ts';
import { FLOAT_ACCESS } from '../bits/floatAccess.ts';
import { mergedBits } from '../bits/mergedBits.ts';
import type { TensorChange } from '../changes/tensorChange.ts';
import { withBits, type TensorPatch } from './tensorPatch.ts';

/** @param baseDtype type of the base's elements */
export function createDensePatch(
  change: Exclude<TensorChange, { kind: 'entries' }>,
  baseDtype: WeightDtype,
  mergedDtype: WeightDtype,
): TensorPatch {
  const base = FLOAT_ACCESS[baseDtype];
  const merged = FLOAT_ACCESS[mergedDtype];
  const counts = { entries: 0, changed: 0, lost: 0, unexpected: 0, overflows: 0 };
  const numbers = change.kind === 'values' ? change.values : change.deltas;
  const apply = withBits(base, merged, (bitsBefore, bitsAfter, firstElement) => {
    for (let element = 0; element < bitsBefore.length; element += 1) {
      const before = bitsBefore[element]!;
      const number = numbers[firstElement + element]!;
      const unchanged = mergedBits(before, 0, base, merged);
      const after = change.kind === 'values' ? merged.bitsOf(number) : mergedBits(before, number, base, merged);
      if (after !== unchanged) counts.changed += 1;
      else if (change.kind === 'sum' && number !== 0) counts.lost += 1;
      if (!Number.isFinite(merged.valueOf(after))) counts.overflows += 1;
      bitsAfter[element] = after;
    }
    counts.entries += bitsBefore.length;
  });
  return { apply, counts: () => ({ ...counts }) };
}
