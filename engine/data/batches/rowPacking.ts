/** Packs examples of different lengths into as few rows as first-fit-decreasing finds, and evens the rows out. */

/**
 * Rows of item numbers, each row at most `capacity` long in all. First fit decreasing finds the number of rows; then the
 * smallest capacity that still does with so many is looked for (MULTIFIT), since the longest row sets the padding.
 * Items of equal length keep their order.
 * @param items numbers of the items to pack
 * @throws RangeError where an item is longer than `capacity`
 */
export function packRows(items: readonly number[], lengthOf: (item: number) => number, capacity: number): number[][] {
  const sorted = [...items].sort((a, b) => lengthOf(b) - lengthOf(a));
  const longest = sorted[0] === undefined ? 0 : lengthOf(sorted[0]);
  if (longest > capacity) throw new RangeError(`packRows: length ${String(longest)} exceeds ${String(capacity)}`);
  let best = firstFit(sorted, lengthOf, capacity);
  const total = sorted.reduce((sum, item) => sum + lengthOf(item), 0);
  let tooSmall = Math.max(longest, Math.ceil(total / Math.max(1, best.length))) - 1;
  let enough = capacity;
  while (enough - tooSmall > 1) {
    const middle = Math.floor((tooSmall + enough) / 2);
    const rows = firstFit(sorted, lengthOf, middle);
    if (rows.length <= best.length) {
      best = rows;
      enough = middle;
    } else {
      tooSmall = middle;
    }
  }
  return best;
}

function firstFit(sorted: readonly number[], lengthOf: (item: number) => number, capacity: number): number[][] {
  const rows: { readonly items: number[]; free: number }[] = [];
  for (const item of sorted) {
    const length = lengthOf(item);
    let row = rows.find((candidate) => candidate.free >= length);
    if (row === undefined) {
      row = { items: [], free: capacity };
      rows.push(row);
    }
    row.items.push(item);
    row.free -= length;
  }
  return rows.map((row) => row.items);
}
