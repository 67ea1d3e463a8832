/** Reads a matrix in blocks of whole rows, the next block while the present one is worked on. */

/** Bytes of a block, unless one row is longer. */
const BLOCK_BYTES = 4 << 20;

export interface RowBlock {
  /** Which of the two areas holds it. */
  readonly area: 0 | 1;
  readonly firstRow: number;
  readonly rowCount: number;
}

/** Rows of a block. */
export function rowsPerBlock(rowBytes: number): number {
  return Math.max(1, Math.floor(BLOCK_BYTES / rowBytes));
}

/** Yields the blocks in order; each is valid until the next is asked for. */
export async function* readRowBlocks(
  rows: number,
  rowBytes: number,
  areas: readonly [Uint8Array, Uint8Array],
  read: (offset: number, into: Uint8Array) => Promise<void>,
): AsyncGenerator<RowBlock, void, undefined> {
  const perBlock = rowsPerBlock(rowBytes);
  const start = (block: number): Promise<void> => {
    const firstRow = block * perBlock;
    if (firstRow >= rows) return Promise.resolve();
    const bytes = Math.min(perBlock, rows - firstRow) * rowBytes;
    return read(firstRow * rowBytes, areas[block % 2 === 0 ? 0 : 1].subarray(0, bytes));
  };
  let pending = start(0);
  try {
    for (let block = 0; block * perBlock < rows; block += 1) {
      await pending;
      pending = start(block + 1);
      const firstRow = block * perBlock;
      yield { area: block % 2 === 0 ? 0 : 1, firstRow, rowCount: Math.min(perBlock, rows - firstRow) };
    }
  } finally {
    await Promise.allSettled([pending]);
  }
}
