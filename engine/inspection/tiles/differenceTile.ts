/** Two sources' connections pooled into the cells of one tile: the largest difference of each cell. */
import type { DifferenceTile } from '../../protocol/connections/inspection.ts';
import { deltaOf, visitUnion } from '../entries/entryUnion.ts';
import type { ModuleEntries } from '../entries/moduleEntries.ts';
import { pool } from './selectionTile.ts';
import { tileCells } from './tileCells.ts';
import type { TileGrid } from './tileGrid.ts';

export function differenceTile(grid: TileGrid, left: ModuleEntries, right: ModuleEntries): DifferenceTile {
  const { height, width, rows, columns } = grid;
  const visit = (inCell: (cell: number, left: number, right: number) => void): void => {
    visitUnion(left, right, (row, column, leftEntry, rightEntry) => {
      const cellRow = rows.cellOfIndex[row]!;
      const cellColumn = columns.cellOfIndex[column]!;
      if (cellRow >= 0 && cellColumn >= 0) inCell(cellRow * width + cellColumn, leftEntry, rightEntry);
    });
  };
  const { cells, places } = tileCells(height * width, visit);
  const differences = new Float32Array(cells.length).fill(NaN);
  visit((cell, leftEntry, rightEntry) => {
    pool(differences, places[cell]!, deltaOf(right, rightEntry) - deltaOf(left, leftEntry));
  });
  return { height, width, cells, differences };
}
