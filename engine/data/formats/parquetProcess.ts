/** Entry of the process that decodes a Parquet file: answers each request with further rows, the end, or what is wrong. */
import { readRowGroups, type RowGroup } from './parquetRows.ts';

export type ParquetReply =
  | { readonly kind: 'rows'; readonly rows: RowGroup }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Rows that are handed over at once. */
const SLICE_ROWS = 4096;

async function* slices(file: string): AsyncGenerator<ParquetReply, void, undefined> {
  try {
    for await (const { rowCount, columns } of readRowGroups(file)) {
      for (let start = 0; start < rowCount; start += SLICE_ROWS) {
        const end = Math.min(rowCount, start + SLICE_ROWS);
        const part = columns.map(([name, values]) => [name, Array.prototype.slice.call(values, start, end)] as const);
        yield { kind: 'rows', rows: { rowCount: end - start, columns: part } };
      }
    }
    yield { kind: 'end' };
  } catch (error) {
    yield { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

const replies = slices(process.argv[2] ?? '');
process.on('disconnect', () => process.exit());
process.on('message', () => {
  void replies.next().then(({ value }) => process.send?.(value ?? { kind: 'end' }));
});
