/** Top-k of a whole matrix in memory, for tests. */
import { createMagnitudeRow } from '../../engine/selection/magnitudeRow.ts';
import { createRowSelector, type MagnitudeOrder } from '../../engine/selection/topK.ts';
import type { WeightDtype } from '../../engine/selection/weightDtype.ts';

/** @returns columns [rows * k], ascending within each row */
export function topOfRows(
  dtype: WeightDtype,
  bytes: Uint8Array,
  columns: number,
  k: number,
  order: MagnitudeOrder = 'largest',
): Int32Array {
  const rowBytes = columns * (dtype === 'F32' ? 4 : 2);
  const rows = bytes.byteLength / rowBytes;
  const row = createMagnitudeRow(columns, rowBytes);
  const select = createRowSelector(row, k, order);
  const indices = new Int32Array(rows * k);
  for (let i = 0; i < rows; i += 1) {
    row.loadCopy(dtype, bytes.subarray(i * rowBytes, (i + 1) * rowBytes));
    select(indices, i * k);
  }
  return indices;
}

export function bytesOf(array: Float32Array | Uint16Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
