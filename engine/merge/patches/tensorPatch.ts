/** Changes the entries of one weight matrix while its bytes stream by. */
import type { WeightDtype } from '../../selection/weightDtype.ts';
import { ENTRY_LOOPS, type EntryCounts, type EntryLoop } from './entryLoops.ts';
import { FLOAT_ACCESS, type FloatAccess, type FloatBits } from '../bits/floatAccess.ts';
import { mergedBits } from '../bits/mergedBits.ts';
import type { ModuleEntries } from '../changes/moduleEntries.ts';

/** What became of a matrix's entries. */
export interface PatchCounts extends Readonly<EntryCounts> {
  readonly entries: number;
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
  const counts = { changed: 0, lost: 0, unexpected: entries.conflicts, overflows: 0 };
  const loop = entries.dtype === mergedDtype ? ENTRY_LOOPS[mergedDtype] : undefined;
  const apply = loop === undefined ? mergeOneByOne(entries, mergedDtype, counts) : mergeInLoop(entries, loop, counts);
  return { apply, counts: () => ({ entries: entries.elements.length, ...counts }) };
}

function mergeInLoop(entries: ModuleEntries, loop: EntryLoop, counts: EntryCounts): TensorPatch['apply'] {
  const access = FLOAT_ACCESS[entries.dtype];
  let next = 0;
  return withBits(access, access, (before, after, firstElement) => {
    const first = next;
    next = firstFrom(entries.elements, firstElement + before.length);
    loop(entries, { first, last: next, firstElement }, before, after, counts);
  });
}

/** The number of the first entry at `element` or behind it. */
function firstFrom(elements: Float64Array, element: number): number {
  let [low, high] = [0, elements.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (elements[middle]! < element) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mergeOneByOne(entries: ModuleEntries, mergedDtype: WeightDtype, counts: EntryCounts): TensorPatch['apply'] {
  const base = FLOAT_ACCESS[entries.dtype];
  const merged = FLOAT_ACCESS[mergedDtype];
  const { deltas, originals } = entries;
  return changeEntries(entries, base, merged, (entry, before) => {
    const delta = deltas[entry]!;
    const unchanged = mergedBits(before, 0, base, merged);
    if (before !== originals[entry]) counts.unexpected += 1;
    if (delta === 0) return unchanged;
    const after = mergedBits(before, delta, base, merged);
    if (after === unchanged) counts.lost += 1;
    else counts.changed += 1;
    if (!Number.isFinite(merged.valueOf(after))) counts.overflows += 1;
    return after;
  });
}

/**
 * Turns a merged matrix of type `mergedDtype` back: every entry gets its original value, in that same type. Unexpected
 * are entries that are not original + delta.
 */
export function createUnmergePatch(entries: ModuleEntries, mergedDtype: WeightDtype): TensorPatch {
  const base = FLOAT_ACCESS[entries.dtype];
  const merged = FLOAT_ACCESS[mergedDtype];
  const { deltas, originals } = entries;
  const counts = { changed: 0, unexpected: entries.conflicts };
  const apply = changeEntries(entries, merged, merged, (entry, before) => {
    const original = originals[entry]!;
    const after = mergedBits(original, 0, base, merged);
    if (before !== mergedBits(original, deltas[entry]!, base, merged)) counts.unexpected += 1;
    if (before !== after) counts.changed += 1;
    return after;
  });
  return { apply, counts: () => ({ entries: entries.elements.length, lost: 0, overflows: 0, ...counts }) };
}

/** Gives the entries among the elements at hand new bits, each once and in order. */
function changeEntries(
  { elements }: ModuleEntries,
  sourceAccess: FloatAccess,
  targetAccess: FloatAccess,
  bitsAfter: (entry: number, before: number) => number,
): TensorPatch['apply'] {
  let next = 0;
  return withBits(sourceAccess, targetAccess, (before, after, firstElement) => {
    const end = firstElement + before.length;
    let entry = next;
    for (; entry < elements.length && elements[entry]! < end; entry += 1) {
      const element = elements[entry]! - firstElement;
      after[element] = bitsAfter(entry, before[element]!);
    }
    next = entry;
  });
}

/** A patch that works on the bits of elements, wherever these begin in their buffers. */
export function withBits(
  sourceAccess: FloatAccess,
  targetAccess: FloatAccess,
  change: (before: FloatBits, after: FloatBits, firstElement: number) => void,
): TensorPatch['apply'] {
  return (source, target, firstElement) => {
    const before = sourceAccess.viewBits(isAligned(source, sourceAccess) ? source : source.slice());
    const written = isAligned(target, targetAccess) ? target : target.slice();
    change(before, targetAccess.viewBits(written), firstElement);
    if (written !== target) target.set(written);
  };
}

/** Whether elements begin where typed arrays can; nearly all files are written so. */
function isAligned({ byteOffset }: Uint8Array, { sizeBytes }: FloatAccess): boolean {
  return byteOffset % sizeBytes === 0;
}
