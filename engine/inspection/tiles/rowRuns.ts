/** Plans the reading of scattered rows: neighbours together, small gaps read through, long runs in blocks. */

/** Consecutive rows that one read fetches; those between the wanted ones are read and ignored. */
export interface RowRun {
  readonly firstRow: number;
  readonly rowCount: number;
  /** The wanted rows: a part of the list that the plan was made for. */
  readonly wanted: Int32Array;
}

/** Most that is read at once, single rows aside. */
const BLOCK_BYTES = 1 << 20;
/** Reading through a gap of this size costs about as much as another read. */
const GAP_BYTES = 64 << 10;

/** @param rows ascending */
export function rowRuns(rows: Int32Array, rowBytes: number): readonly RowRun[] {
  const runs: RowRun[] = [];
  let start = 0;
  for (let i = 1; i <= rows.length; i += 1) {
    const first = rows[start]!;
    const isContinued =
      i < rows.length &&
      (rows[i]! - rows[i - 1]! - 1) * rowBytes <= GAP_BYTES &&
      (rows[i]! - first + 1) * rowBytes <= BLOCK_BYTES;
    if (isContinued) continue;
    runs.push({ firstRow: first, rowCount: rows[i - 1]! - first + 1, wanted: rows.subarray(start, i) });
    start = i;
  }
  return runs;
}
