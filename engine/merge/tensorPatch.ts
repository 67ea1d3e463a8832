/** Changes the entries of one weight matrix while its bytes stream by. */
import type { WeightDtype } from '../selection/weightDtype.ts';
import { FLOAT_ACCESS } from './floatAccess.ts';
import { mergedBits } from './mergedBits.ts';
import type { ModuleEntries } from './moduleEntries.ts';

/** What became of a matrix's entries. */
export interface PatchCounts {
  readonly entries: number;
  /** Entries whose bytes differ from before. */
  readonly changed: number;
  /** Deltas that are not zero, but too small to change their weight in its type. */
  readonly lost: number;
  /** Entries that were not as the adapter says they should be. */
  readonly unexpected: number;
  /** Sums too large for the merged type. */
  readonly overflows: number;
}

export interface TensorPatch {
  /**
   * Works on the next elements: `source` holds them from number `firstElement` on, `target` receives the changed ones
   * (it holds the others already, and may be `source`).
   */
  readonly apply: (source: Uint8Array, target: Uint8Array, firstElement: number) => void;
  readonly counts: () => PatchCounts;
}

/** Turns a base's matrix into the merged one of type `mergedDtype`. */
export function createMergePatch(entries: ModuleEntries, mergedDtype: WeightDtype): TensorPatch {
  const base = FLOAT_ACCESS[entries.dtype];
  const merged = FLOAT_ACCESS[mergedDtype];
  const counts = { changed: 0, lost: 0, unexpected: entries.conflicts, overflows: 0 };
  const apply = walkEntries(entries, base.sizeBytes, merged.sizeBytes, (entry, source, from, target, to) => {
    const before = base.readBits(source, from);
    const delta = entries.deltas[entry]!;
    const after = mergedBits(before, delta, base, merged);
    const isSame = after === mergedBits(before, 0, base, merged);
    if (before !== entries.originals[entry]) counts.unexpected += 1;
    if (!isSame) counts.changed += 1;
    else if (delta !== 0) counts.lost += 1;
    if (!Number.isFinite(merged.valueOf(after))) counts.overflows += 1;
    merged.writeBits(target, to, after);
  });
  return { apply, counts: () => ({ entries: entries.elements.length, ...counts }) };
}

/**
 * Turns a merged matrix of type `mergedDtype` back: every entry gets its original value, in that same type. Unexpected
 * are entries that are not original + delta.
 */
export function createUnmergePatch(entries: ModuleEntries, mergedDtype: WeightDtype): TensorPatch {
  const base = FLOAT_ACCESS[entries.dtype];
  const merged = FLOAT_ACCESS[mergedDtype];
  const counts = { changed: 0, unexpected: entries.conflicts };
  const apply = walkEntries(entries, merged.sizeBytes, merged.sizeBytes, (entry, source, from, target, to) => {
    const original = entries.originals[entry]!;
    const before = merged.readBits(source, from);
    const after = mergedBits(original, 0, base, merged);
    if (before !== mergedBits(original, entries.deltas[entry]!, base, merged)) counts.unexpected += 1;
    if (before !== after) counts.changed += 1;
    merged.writeBits(target, to, after);
  });
  return { apply, counts: () => ({ entries: entries.elements.length, lost: 0, overflows: 0, ...counts }) };
}

type EntryVisit = (entry: number, source: DataView, from: number, target: DataView, to: number) => void;

/** Visits the entries among the elements at hand, each once and in order. */
function walkEntries(
  { elements }: ModuleEntries,
  sourceSize: number,
  targetSize: number,
  visit: EntryVisit,
): TensorPatch['apply'] {
  let next = 0;
  return (source, target, firstElement) => {
    const sourceView = new DataView(source.buffer, source.byteOffset, source.byteLength);
    const targetView = new DataView(target.buffer, target.byteOffset, target.byteLength);
    const end = firstElement + source.byteLength / sourceSize;
    for (; next < elements.length && elements[next]! < end; next += 1) {
      const element = elements[next]! - firstElement;
      visit(next, sourceView, element * sourceSize, targetView, element * targetSize);
    }
  };
}
