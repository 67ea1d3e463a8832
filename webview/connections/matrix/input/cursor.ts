/** The keyboard's cell in a matrix, by position: it moves from cell to cell at the zoom that is seen. */
import { positionsPerCell } from '../../viewport/level.ts';
import type { Viewport } from '../../viewport/viewport.ts';
import type { MatrixModel } from '../../model/matrixModel.ts';
import type { Scene } from '../painting/scene.ts';

export interface Position {
  readonly row: number;
  readonly column: number;
}

/** Where keys begin: at the inspected connection, or in the middle of what is seen. */
export function startingCursor({ view, arrangement }: MatrixModel, { row, column }: Viewport): Position {
  const { selected } = view.state;
  return {
    row: selected?.row === undefined ? Math.floor(row) : arrangement.positionOfRow(selected.row),
    column: selected?.column === undefined ? Math.floor(column) : arrangement.positionOfColumn(selected.column),
  };
}

/** Moves by cells; infinite numbers go to the end. */
export function movedCursor(from: Position, { level, layout }: Scene, rows: number, columns: number): Position {
  const perCell = positionsPerCell(level);
  const moved = (at: number, cells: number, size: number): number => {
    const cell = Math.floor(at / perCell) + cells;
    return Math.min(Math.floor((size - 1) / perCell), Math.max(0, cell)) * perCell;
  };
  return { row: moved(from.row, rows, layout.frame.rows), column: moved(from.column, columns, layout.frame.columns) };
}

/** Cells of nearly a screen. */
export function cellsOfScreen({ level, layout, viewport }: Scene): { readonly rows: number; readonly columns: number } {
  const share = 0.9 / (viewport.zoom * positionsPerCell(level));
  return { rows: Math.round(layout.frame.height * share), columns: Math.round(layout.frame.width * share) };
}
