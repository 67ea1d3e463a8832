/** Everything that one drawing of the picture needs. */
import type { Theme } from '../../../theme/theme.ts';
import type { Colouring } from '../../tiles/tileBitmap.ts';
import type { Tile } from '../../tiles/tile.ts';
import type { Viewport } from '../../viewport/viewport.ts';
import type { MatrixModel } from '../../model/matrixModel.ts';
import type { PictureLayout } from './pictureLayout.ts';

/** A cell by the positions that it covers. */
export interface CellSpan {
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly positionsPerCell: number;
}

export interface Scene {
  readonly model: MatrixModel;
  readonly layout: PictureLayout;
  readonly viewport: Viewport;
  readonly level: number;
  readonly theme: Theme;
  readonly colouring: Colouring;
  /** Painted tiles, those to be drawn first before. */
  readonly tiles: readonly Tile[];
  /** Tiles that know single cells, for figures inside them: selected connections, and weights where they are loaded. */
  readonly selectionTiles: readonly Tile[];
  readonly weightTiles: readonly Tile[];
  readonly pointed: CellSpan | undefined;
  /** The keyboard's cell, while the picture has the focus. */
  readonly cursor: CellSpan | undefined;
}

/** Index of a position's cell in a tile's arrays; -1 if the tile does not hold it. */
export function cellIn(tile: Tile, row: number, column: number): number {
  const perCell = 2 ** tile.level;
  const y = Math.floor((row - tile.firstRow) / perCell);
  const x = Math.floor((column - tile.firstColumn) / perCell);
  const { height, width } = tile.content;
  return x >= 0 && y >= 0 && x < width && y < height ? y * width + x : -1;
}
