/** The selected connections of a window one by one, by position of row and column. */
import type { ConnectionList } from '../../protocol/connections/inspection.ts';
import { neuronOfEntry, type ModuleEntries } from '../entries/moduleEntries.ts';
import { visitEntries, type TileGrid } from '../tiles/tileGrid.ts';

/** @param grid with one position per cell, so that a cell is a place in the order */
export function connectionList(
  grid: TileGrid,
  entries: ModuleEntries,
  limit: number,
): ConnectionList & { readonly total: number } {
  const found: { readonly entry: number; readonly cell: number }[] = [];
  visitEntries(grid, entries, (entry, cell) => {
    found.push({ entry, cell });
  });
  const listed = found.sort((a, b) => a.cell - b.cell).slice(0, limit);
  const { starts, neurons, indices, weights, deltas } = entries;
  const rowOf = (entry: number): number => {
    const neuron = neuronOfEntry(starts, entry);
    return neurons === null ? neuron : neurons[neuron]!;
  };
  return {
    total: found.length,
    rows: Uint32Array.from(listed, ({ entry }) => rowOf(entry)),
    columns: Uint32Array.from(listed, ({ entry }) => indices[entry]!),
    weights: Float32Array.from(listed, ({ entry }) => weights[entry]!),
    deltas: deltas === null ? null : Float32Array.from(listed, ({ entry }) => deltas[entry]!),
  };
}
