/** What a tile knows of its cells, by the layer that is shown. */
import type { MatrixLayer } from '../../../engine/protocol/connectionsView.ts';
import type { Tile, TileContent } from './tile.ts';

export interface LayerValues {
  /** Which cells have a value, ascending; undefined where all have. */
  readonly cells: Uint32Array | undefined;
  /** Counts, or values of weights and deltas. */
  readonly values: Uint32Array | Float32Array;
}

/** Undefined if the tile does not know them. */
export function layerValues(content: TileContent, layer: MatrixLayer): LayerValues | undefined {
  if (content.kind === 'weights') return layer === 'weight' ? { cells: undefined, values: content.weights } : undefined;
  const values = listedValues(content, layer);
  return values && { cells: content.cells, values };
}

function listedValues(
  content: Exclude<TileContent, { kind: 'weights' }>,
  layer: MatrixLayer,
): Uint32Array | Float32Array | undefined {
  if (content.kind === 'difference') return layer === 'difference' ? content.differences : undefined;
  if (layer === 'selection') return content.counts;
  if (layer === 'weight') return content.weights;
  return layer === 'delta' ? (content.deltas ?? undefined) : undefined;
}

/** A cell's value of a layer; undefined where it has none. */
export function valueOfCell({ content }: Tile, layer: MatrixLayer, cell: number): number | undefined {
  const found = layerValues(content, layer);
  return found?.values[found.cells === undefined ? cell : placeOf(found.cells, cell)];
}

/** Place of the cell among those listed, which are ascending; -1 where it is not. */
function placeOf(cells: Uint32Array, cell: number): number {
  let first = 0;
  let end = cells.length;
  while (first < end) {
    const middle = (first + end) >> 1;
    if (cells[middle]! < cell) first = middle + 1;
    else end = middle;
  }
  return cells[first] === cell ? first : -1;
}
