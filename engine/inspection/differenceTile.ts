/** Two sources' connections pooled into the cells of one tile: who selected how many, and the largest difference. */
import type { DifferenceTile } from '../protocol/inspection.ts';
import { deltaOf, visitUnion } from './entryUnion.ts';
import type { ModuleEntries } from './moduleEntries.ts';
import { pool } from './selectionTile.ts';
import type { TileGrid } from './tileGrid.ts';

export function differenceTile(grid: TileGrid, left: ModuleEntries, right: ModuleEntries): DifferenceTile {
  const { height, width } = grid;
  const leftCounts = new Uint32Array(height * width);
  const rightCounts = new Uint32Array(height * width);
  const sharedCounts = new Uint32Array(height * width);
  const differences = new Float32Array(height * width).fill(NaN);
  visitUnion(left, right, (row, column, leftEntry, rightEntry) => {
    const cellRow = grid.rows.cellOfIndex[row]!;
    const cellColumn = grid.columns.cellOfIndex[column]!;
    if (cellRow < 0 || cellColumn < 0) return;
    const cell = cellRow * width + cellColumn;
    if (leftEntry >= 0) leftCounts[cell]! += 1;
    if (rightEntry >= 0) rightCounts[cell]! += 1;
    if (leftEntry >= 0 && rightEntry >= 0) sharedCounts[cell]! += 1;
    pool(differences, cell, deltaOf(right, rightEntry) - deltaOf(left, leftEntry));
  });
  return { height, width, leftCounts, rightCounts, sharedCounts, differences };
}
