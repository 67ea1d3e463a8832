/** Selected connections pooled into the cells of a tile: how many, and the largest weight and delta of each cell. */
import type { SelectionTile } from '../../protocol/connections/inspection.ts';
import type { ModuleEntries } from '../entries/moduleEntries.ts';
import { tileCells } from './tileCells.ts';
import { visitEntries, type TileGrid } from './tileGrid.ts';

export function selectionTile(grid: TileGrid, entries: ModuleEntries): SelectionTile {
  const { height, width } = grid;
  const { weights, deltas } = entries;
  const { cells, places } = tileCells(height * width, (hold) => {
    visitEntries(grid, entries, (_, cell) => {
      hold(cell);
    });
  });
  const counts = new Uint32Array(cells.length);
  const pooledWeights = new Float32Array(cells.length).fill(NaN);
  const pooledDeltas = deltas === null ? null : new Float32Array(cells.length).fill(NaN);
  visitEntries(grid, entries, (entry, cell) => {
    const place = places[cell]!;
    counts[place]! += 1;
    pool(pooledWeights, place, weights[entry]!);
    if (pooledDeltas !== null) pool(pooledDeltas, place, deltas![entry]!);
  });
  return { height, width, cells, counts, weights: pooledWeights, deltas: pooledDeltas };
}

/** Keeps the value of larger magnitude; of equal ones the positive, so that the order of visits does not matter. */
export function pool(values: Float32Array, place: number, value: number): void {
  const kept = values[place]!;
  if (!(Math.abs(value) <= Math.abs(kept)) || (value > 0 && value === -kept)) values[place] = value;
}
