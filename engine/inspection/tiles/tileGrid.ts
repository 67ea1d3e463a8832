/** The grid of a tile: the axes of a window over one module's matrix. */
import { TILE_CELL_LIMIT, type AxisWindow, type MatrixWindow } from '../../protocol/connections/inspection.ts';
import { axisOf, type Axis } from './axis.ts';
import { columnsInOrder, rowsInOrder } from './margins.ts';
import type { ModuleEntries } from '../entries/moduleEntries.ts';

export interface TileGrid {
  readonly rows: Axis;
  readonly columns: Axis;
  readonly height: number;
  readonly width: number;
}

/** @param entries of the window's module: they give the orders */
export function tileGrid(window: MatrixWindow, entries: ModuleEntries): TileGrid {
  const grid = gridOf(window, entries);
  if (grid.height * grid.width <= TILE_CELL_LIMIT) return grid;
  throw new RangeError(`a tile of ${grid.height} x ${grid.width} cells, at most ${TILE_CELL_LIMIT}`);
}

/** The same positions with a cell of their own each: too many cells for a tile, but good for telling places. */
export function positionGrid({ module, rows, columns }: MatrixWindow, entries: ModuleEntries): TileGrid {
  return gridOf({ module, rows: unpooled(rows), columns: unpooled(columns) }, entries);
}

function unpooled<Order>({ order, positionsPerCell, firstCell, cellCount }: AxisWindow<Order>): AxisWindow<Order> {
  const first = firstCell * positionsPerCell;
  return { order, positionsPerCell: 1, firstCell: first, cellCount: cellCount * positionsPerCell };
}

function gridOf({ rows, columns }: MatrixWindow, entries: ModuleEntries): TileGrid {
  const rowAxis = axisOf(rows, entries.rows, rowsInOrder(entries, rows.order));
  const columnAxis = axisOf(columns, entries.columns, columnsInOrder(entries, columns.order));
  return { rows: rowAxis, columns: columnAxis, height: rowAxis.cellCount, width: columnAxis.cellCount };
}

/** Calls `visit` with entry and cell of every selected connection inside the grid. */
export function visitEntries(
  { rows, columns, width }: TileGrid,
  { starts, neurons, indices }: ModuleEntries,
  visit: (entry: number, cell: number) => void,
): void {
  const { cellOfIndex } = columns;
  for (let neuron = 0; neuron + 1 < starts.length; neuron += 1) {
    const cellRow = rows.cellOfIndex[neurons === null ? neuron : neurons[neuron]!]!;
    if (cellRow < 0) continue;
    const end = starts[neuron + 1]!;
    for (let entry = starts[neuron]!; entry < end; entry += 1) {
      const cellColumn = cellOfIndex[indices[entry]!]!;
      if (cellColumn >= 0) visit(entry, cellRow * width + cellColumn);
    }
  }
}
