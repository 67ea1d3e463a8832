/** An embedding whose rows are widened, or read and widened, when they are asked for. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { EmbeddingTable } from './decoderWeights.ts';
import { dtypeOf, widenBytes, type StoredTensors, type TensorPart } from './storedTensors.ts';

/** Most float32 bytes of a block. */
export const TABLE_BLOCK_BYTES = 1 << 25;
/** Rows that are asked for at once when they are gathered. */
const GATHERED_ROWS = 256;

/** @param tensor [rows, width] */
export function storedTable(checkpoint: Checkpoint, store: StoredTensors, tensor: string): EmbeddingTable {
  const [rowCount = 0, width = 0] = checkpoint.tensor(tensor).entry.shape;
  const dtype = dtypeOf(checkpoint, tensor);
  const blockLimit = Math.max(1, Math.min(rowCount, Math.floor(TABLE_BLOCK_BYTES / 4 / width)));
  const rowsOf = (firstRow: number, count: number): TensorPart => ({
    tensor,
    firstElement: firstRow * width,
    elementCount: Math.min(count, rowCount - firstRow) * width,
  });
  let scratch = new Float32Array();
  return {
    blockLimit,
    async gather(rows, into) {
      const distinct = [...new Set(rows)];
      const row = new Float32Array(width);
      for (let start = 0; start < distinct.length; start += GATHERED_ROWS) {
        const wanted = distinct.slice(start, start + GATHERED_ROWS);
        const parts = await store.read(
          'rows',
          wanted.map((number) => rowsOf(number, 1)),
        );
        const bytesOf = new Map(wanted.map((number, index) => [number, parts[index]]));
        rows.forEach((number, index) => {
          const bytes = bytesOf.get(number);
          if (bytes === undefined) return;
          widenBytes(dtype, bytes, row);
          into.set(row, index * width);
        });
      }
    },
    async block(firstRow, count, upcoming) {
      const part = rowsOf(firstRow, count);
      const [bytes] = await store.read('block', [part]);
      if (scratch.length < part.elementCount) scratch = new Float32Array(part.elementCount);
      const block = scratch.subarray(0, part.elementCount);
      if (bytes !== undefined) widenBytes(dtype, bytes, block);
      if (upcoming !== undefined && upcoming < rowCount) store.prefetch('block', [rowsOf(upcoming, count)]);
      return block;
    },
  };
}
