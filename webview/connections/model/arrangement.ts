/** Which row or column stands at a position, and where an index stands. */
import type { Margins } from '../../../engine/protocol/connections/inspection.ts';

export interface Arrangement {
  rowAt(position: number): number;
  columnAt(position: number): number;
  positionOfRow(row: number): number;
  positionOfColumn(column: number): number;
  readonly areRowsOrdered: boolean;
  readonly areColumnsOrdered: boolean;
}

export function arrangementOf(margins: Margins | undefined): Arrangement {
  const rowOrder = margins?.rowOrder ?? null;
  const columnOrder = margins?.columnOrder ?? null;
  const rowPositions = inverse(rowOrder);
  const columnPositions = inverse(columnOrder);
  return {
    rowAt: (position) => rowOrder?.[position] ?? position,
    columnAt: (position) => columnOrder?.[position] ?? position,
    positionOfRow: (row) => rowPositions?.[row] ?? row,
    positionOfColumn: (column) => columnPositions?.[column] ?? column,
    areRowsOrdered: rowOrder !== null,
    areColumnsOrdered: columnOrder !== null,
  };
}

function inverse(order: Uint32Array | null): Uint32Array | null {
  if (order === null) return null;
  const positions = new Uint32Array(order.length);
  for (const [position, index] of order.entries()) positions[index] = position;
  return positions;
}
