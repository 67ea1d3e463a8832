/** Reads Parquet, one row group at a time, through positional reads of the file. */
import { open, type FileHandle } from 'node:fs/promises';
import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type Compressors } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { ExpectedError } from '../errors/expected.ts';
import { readExactly } from '../files/positionalAccess.ts';
import { explainSystemError } from '../files/systemError.ts';
import type { ReportProblem } from './problems.ts';
import type { SourceRecord } from './record.ts';

/** A page says itself how large it becomes; a larger one than this is not believed. */
const PAGE_LIMIT_BYTES = 512 * 1024 * 1024;

const boundedCompressors: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, outputLength: number): Uint8Array => {
      if (outputLength < 0 || outputLength > PAGE_LIMIT_BYTES) {
        throw new Error(`a page of ${String(outputLength)} bytes exceeds the limit of ${String(PAGE_LIMIT_BYTES)}`);
      }
      return decompress(input, outputLength);
    },
  ]),
);

/** The file's rows in order; what breaks the file's structure is reported and ends reading. */
export async function* readParquet(file: string, report: ReportProblem): AsyncGenerator<SourceRecord, void, undefined> {
  const handle = await openExplained(file);
  try {
    const buffer = await openBuffer(file, handle);
    let row = 0;
    for await (const records of readRowGroups(file, buffer, report)) {
      for (const record of records) {
        row += 1;
        yield { record, place: { file, line: row, unit: 'row' } };
      }
    }
  } finally {
    await handle.close();
  }
}

async function* readRowGroups(
  file: string,
  buffer: AsyncBuffer,
  report: ReportProblem,
): AsyncGenerator<readonly Record<string, unknown>[], void, undefined> {
  const metadata = await attempt(file, report, () => parquetMetadataAsync(buffer));
  if (metadata === undefined) return;
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const range = { rowStart, rowEnd: rowStart + Number(group.num_rows) };
    const options = { file: buffer, metadata, compressors: boundedCompressors, ...range };
    const records = await attempt(file, report, () => parquetReadObjects(options));
    if (records === undefined) return;
    yield records;
    rowStart = range.rowEnd;
  }
}

async function attempt<T>(file: string, report: ReportProblem, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ExpectedError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    report(
      new ExpectedError(
        'data/corruptParquet',
        `cannot be read as Parquet: ${reason}`,
        'Fetch or write the file again, or export the data as JSONL.',
        { file },
        error,
      ),
    );
    return undefined;
  }
}

async function openExplained(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    throw explainSystemError(error, file);
  }
}

/** The file as hyparquet wants it; no read goes past the file's end, whatever its metadata says. */
async function openBuffer(file: string, handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    slice: async (start, end = size) => {
      if (start < 0 || end < start || end > size) {
        throw new Error(`bytes ${String(start)} to ${String(end)} lie outside the file of ${String(size)} bytes`);
      }
      const bytes = new Uint8Array(end - start);
      await readExactly(handle, bytes, start, file);
      return bytes.buffer;
    },
  };
}
