/** A tile: what the engine said about its cells, and its picture once it is painted. */
import type { DifferenceTile, SelectionTile, WeightTile } from '../../../engine/protocol/connections/inspection.ts';
import { arraysOf, releaseArrays } from '../inquiry/releasedArrays.ts';
import { positionsPerCell } from '../viewport/level.ts';
import type { TilePlace, TileSize } from './tileGrid.ts';

export type TileContent =
  | ({ readonly kind: 'selection' } & SelectionTile)
  | ({ readonly kind: 'weights' } & WeightTile)
  | ({ readonly kind: 'difference' } & DifferenceTile);

export type TileKind = TileContent['kind'];

export interface Tile {
  readonly group: string;
  readonly level: number;
  /** Positions of the first cell. */
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly content: TileContent;
  /** Selected connections of the fullest cell; 0 for weights. */
  readonly mostSelected: number;
  /** Largest magnitude among the weights; 0 for other kinds. */
  readonly largestWeight: number;
  readonly sizeBytes: number;
  bitmap: ImageBitmap | undefined;
  /** Which colours the bitmap has. */
  paintedAs: string | undefined;
}

const PIXEL_BYTES = 4;

export function tileOf(group: string, place: TilePlace, size: TileSize, content: TileContent): Tile {
  const perCell = positionsPerCell(place.level);
  const cells = content.height * content.width;
  return {
    group,
    level: place.level,
    firstRow: place.tileRow * size.height * perCell,
    firstColumn: place.tileColumn * size.width * perCell,
    content,
    mostSelected: mostSelected(content),
    largestWeight: content.kind === 'weights' ? largestMagnitude(content.weights) : 0,
    sizeBytes: cells * PIXEL_BYTES + sizeOf(content),
    bitmap: undefined,
    paintedAs: undefined,
  };
}

/** Frees what the tile holds, which is not to be used any more. */
export function releaseTile(tile: Tile): void {
  releaseArrays(tile.content);
  releaseBitmap(tile);
}

export function releaseBitmap(tile: Tile): void {
  tile.bitmap?.close();
  tile.bitmap = undefined;
  tile.paintedAs = undefined;
}

function mostSelected(content: TileContent): number {
  const counts = content.kind === 'selection' ? content.counts : undefined;
  let most = 0;
  for (const count of counts ?? []) if (count > most) most = count;
  return most;
}

function largestMagnitude(values: Float32Array): number {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
  return largest;
}

function sizeOf(content: TileContent): number {
  return arraysOf(content).reduce((sum, { byteLength }) => sum + byteLength, 0);
}
