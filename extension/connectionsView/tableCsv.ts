/** A table of the view as comma-separated text (RFC 4180). */
import type { ExportedTable } from '../../engine/protocol/connectionsView.ts';
import { csvField, CSV_LINE_END } from '../text/csvField.ts';

export function formatTable({ columns }: ExportedTable): string {
  const rows = columns[0]?.values.length ?? 0;
  const lines = [columns.map(({ name }) => csvField(name)).join(',')];
  for (let row = 0; row < rows; row += 1) lines.push(columns.map(({ values }) => cell(values[row])).join(','));
  return [...lines, ''].join(CSV_LINE_END);
}

/** NaN stands for what does not exist. */
function cell(value: string | number | undefined): string {
  if (typeof value === 'string') return csvField(value);
  return value === undefined || Number.isNaN(value) ? '' : String(value);
}
