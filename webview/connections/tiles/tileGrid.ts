/** Cuts a matrix at one zoom level into tiles, and says which of them a view needs. */
import { WEIGHT_STRIP_BYTES } from '../../../engine/protocol/connections/inspection.ts';
import { positionsPerCell } from '../viewport/level.ts';
import type { Span } from '../viewport/viewport.ts';

/** Cells of a tile along each axis. */
export interface TileSize {
  readonly height: number;
  readonly width: number;
}

export interface TilePlace {
  readonly level: number;
  readonly tileRow: number;
  readonly tileColumn: number;
}

/** Tiles of selected connections: a few fill a screen, and one is painted within a frame. */
export const SELECTION_TILE: TileSize = { height: 512, width: 512 };

/** Tiles of weights are wide, since a file holds rows, and as low as keeps reading one of them short. */
export function weightTile(rowBytes: number, level: number): TileSize {
  const rows = WEIGHT_STRIP_BYTES / Math.max(1, rowBytes);
  const cells = 2 ** Math.floor(Math.log2(Math.max(1, rows / positionsPerCell(level))));
  return { height: Math.min(512, cells), width: 1024 };
}

/** Tiles that hold any of the positions, those nearest to the middle first. */
export function tilesOf(rows: Span, columns: Span, level: number, size: TileSize): TilePlace[] {
  const perCell = positionsPerCell(level);
  const down = tileSpan(rows, size.height * perCell);
  const across = tileSpan(columns, size.width * perCell);
  const places: TilePlace[] = [];
  for (let tileRow = down.first; tileRow < down.end; tileRow++)
    for (let tileColumn = across.first; tileColumn < across.end; tileColumn++)
      places.push({ level, tileRow, tileColumn });
  const middleRow = (down.first + down.end - 1) / 2;
  const middleColumn = (across.first + across.end - 1) / 2;
  const distance = ({ tileRow, tileColumn }: TilePlace): number =>
    Math.hypot(tileRow - middleRow, tileColumn - middleColumn);
  return places.sort((a, b) => distance(a) - distance(b));
}

function tileSpan({ first, end }: Span, positions: number): Span {
  if (end <= first) return { first: 0, end: 0 };
  return { first: Math.floor(first / positions), end: Math.ceil(end / positions) };
}
