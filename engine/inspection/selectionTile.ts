/** Selected connections pooled into the cells of a tile: how many, and the largest weight and delta of each cell. */
import type { SelectionTile } from '../protocol/inspection.ts';
import type { ModuleEntries } from './moduleEntries.ts';
import { visitEntries, type TileGrid } from './tileGrid.ts';

export function selectionTile(grid: TileGrid, entries: ModuleEntries): SelectionTile {
  const { height, width } = grid;
  const { weights, deltas } = entries;
  const counts = new Uint32Array(height * width);
  const pooledWeights = new Float32Array(height * width).fill(NaN);
  const pooledDeltas = deltas === null ? null : new Float32Array(height * width).fill(NaN);
  visitEntries(grid, entries, (entry, cell) => {
    counts[cell]! += 1;
    pool(pooledWeights, cell, weights[entry]!);
    if (pooledDeltas !== null) pool(pooledDeltas, cell, deltas![entry]!);
  });
  return { height, width, counts, weights: pooledWeights, deltas: pooledDeltas };
}

/** Keeps the value of larger magnitude; of equal ones the positive, so that the order of visits does not matter. */
export function pool(values: Float32Array, cell: number, value: number): void {
  const kept = values[cell]!;
  if (!(Math.abs(value) <= Math.abs(kept)) || (value > 0 && value === -kept)) values[cell] = value;
}
