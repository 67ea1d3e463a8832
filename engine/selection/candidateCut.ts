/** The exact end of a top-k: which of a row's marked columns are the k best, ties going to the lower column. */
import { GROUP_SIZE } from './magnitudeCode.ts';
import type { MagnitudeRow } from './magnitudeRow.ts';

/**
 * Writes the k marked columns of largest key (pattern XOR `flip`) to `into`, ascending, from `offset` on.
 * @param count number of marked columns, at least k
 * @param lowest what the marked keys are at least
 * @returns a key that all k reach and no other column exceeds
 */
export type CandidateCut = (flip: number, count: number, lowest: number, into: Int32Array, offset: number) => number;

/** A cut for the rows that `row` holds one after the other. */
export function createCandidateCut(row: MagnitudeRow, k: number): CandidateCut {
  const candidates = new Int32Array(row.columns);
  const taken = new Int32Array(row.columns + 1);
  return (flip, count, lowest, into, offset) => {
    collectMarked(row, flip, candidates);
    padKeys(row.keys, count);
    const cut = count > k ? findCut(row, count, k, lowest) : lowest;
    const reached = takeReaching(candidates, row.keys, count, cut, taken);
    if (reached > k) dropTies(candidates, row.keys, count, reached - k, cut, taken);
    for (let i = 0; i < k; i += 1) into[offset + i] = taken[i]!;
    return cut;
  };
}

/** Lists the marked columns in `candidates` and their keys in the row's key area. */
function collectMarked({ marks, patterns, keys }: MagnitudeRow, flip: number, candidates: Int32Array): void {
  let count = 0;
  for (let word = 0; word < marks.length; word += 1) {
    for (let rest = marks[word]! | 0; rest !== 0; rest &= rest - 1) {
      const column = (word << 5) + 31 - Math.clz32(rest & -rest);
      candidates[count] = column;
      keys[count] = patterns[column]! ^ flip;
      count += 1;
    }
  }
}

/** Fills the last group of keys up with some that reach nothing. */
function padKeys(keys: Int32Array, count: number): void {
  const end = Math.ceil(count / GROUP_SIZE) * GROUP_SIZE;
  for (let i = count; i < end; i += 1) keys[i] = -1;
}

/**
 * The largest key that at least k candidates reach, or a lower one that exactly k reach. Bisection takes at most 31
 * rounds over the candidates whatever their keys are.
 */
function findCut(row: MagnitudeRow, count: number, k: number, lowest: number): number {
  let low = lowest;
  let high = largest(row.keys, count);
  while (high > low) {
    const middle = low + 1 + ((high - low) >>> 1);
    const reached = row.countKeys(count, middle);
    if (reached === k) return middle;
    if (reached > k) low = middle;
    else high = middle - 1;
  }
  return low;
}

function largest(keys: Int32Array, count: number): number {
  let best = 0;
  for (let i = 0; i < count; i += 1) {
    const key = keys[i]!;
    if (key > best) best = key;
  }
  return best;
}

/** Each column is stored, and the count moves on only where its key reaches the cut: no branch to guess. */
function takeReaching(candidates: Int32Array, keys: Int32Array, count: number, cut: number, into: Int32Array): number {
  const below = (cut - 1) | 0;
  let taken = 0;
  for (let i = 0; i < count; i += 1) {
    into[taken] = candidates[i]!;
    taken += (below - keys[i]!) >>> 31;
  }
  return taken;
}

/** Removes the last `excess` columns whose key equals the cut from `taken`, which holds those that reach it. */
function dropTies(
  candidates: Int32Array,
  keys: Int32Array,
  count: number,
  excess: number,
  cut: number,
  taken: Int32Array,
): void {
  let first = count;
  for (let ties = 0; ties < excess; ties += keys[first] === cut ? 1 : 0) first -= 1;
  let kept = taken.indexOf(candidates[first]!);
  for (let i = first + 1; i < count; i += 1) {
    taken[kept] = candidates[i]!;
    if (keys[i]! > cut) kept += 1;
  }
}
