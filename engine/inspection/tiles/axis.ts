/** Cells along one axis of a matrix: which cell shows which row or column. */
import type { AxisWindow } from '../../protocol/connections/inspection.ts';

/** One axis of a tile. */
export interface Axis {
  /** Cells of the tile. */
  readonly cellCount: number;
  /** The cell of each index of the axis; -1 where it lies outside the window. */
  readonly cellOfIndex: Int32Array;
  /** Indices inside the window, ascending. */
  readonly indices: Int32Array;
  /** Where positions are indices: how many follow one another in each cell. */
  readonly runLength: number | undefined;
}

/**
 * @param size rows or columns of the matrix
 * @param order the index at each position; null where that is the position itself
 */
export function axisOf(window: AxisWindow<string>, size: number, order: Uint32Array | null): Axis {
  const { positionsPerCell, firstCell, cellCount } = window;
  for (const [name, value, least] of [
    ['positionsPerCell', positionsPerCell, 1],
    ['firstCell', firstCell, 0],
    ['cellCount', cellCount, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${name}: ${value}`);
  }
  const from = Math.min(size, firstCell * positionsPerCell);
  const to = Math.min(size, (firstCell + cellCount) * positionsPerCell);
  const cellOfIndex = new Int32Array(size).fill(-1);
  const indices = new Int32Array(to - from);
  for (let position = from; position < to; position += 1) {
    const index = order === null ? position : order[position]!;
    cellOfIndex[index] = Math.floor(position / positionsPerCell) - firstCell;
    indices[position - from] = index;
  }
  if (order !== null) indices.sort();
  const runLength = order === null ? positionsPerCell : undefined;
  return { cellCount: Math.ceil((to - from) / positionsPerCell), cellOfIndex, indices, runLength };
}
