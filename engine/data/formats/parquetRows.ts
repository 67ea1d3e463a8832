/** Decodes Parquet, one row group at a time, through positional reads of the file. */
import type { FileHandle } from 'node:fs/promises';
import {
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type ParquetRowRange,
  type ParquetScan,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { readExactly } from '../../files/positionalAccess.ts';
import { openRegularFile } from '../../files/regularFile.ts';

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

/** Consecutive rows of the file, column by column. */
export interface RowGroup {
  readonly rowCount: number;
  readonly columns: readonly (readonly [name: string, values: ArrayLike<unknown>])[];
}

/**
 * The file's row groups in order.
 * @throws Error of any kind where the file is damaged; it may also never end, or take memory without limit
 */
export async function* readRowGroups(file: string): AsyncGenerator<RowGroup, void, undefined> {
  const handle = await openRegularFile(file);
  try {
    const buffer = await openBuffer(file, handle);
    const metadata = await parquetMetadataAsync(buffer);
    checkColumns(metadata);
    const scan = await parquetScan({ file: buffer, metadata, compressors: boundedCompressors, useOffsetIndex: false });
    const names = parquetSchema(scan.metadata).children.map(({ element }) => element.name);
    for (const range of scan.ranges) yield await readRowGroup(scan, range, names);
  } finally {
    await handle.close();
  }
}

async function readRowGroup(scan: ParquetScan, range: ParquetRowRange, names: readonly string[]): Promise<RowGroup> {
  const rowCount = range.rowEnd - range.rowStart;
  const columns: (readonly [string, ArrayLike<unknown>])[] = [];
  for (const column of names) {
    const values: ArrayLike<unknown> = await scan.readColumn({ column, ...range });
    if (values.length !== rowCount) {
      throw new Error(`column ${column} has ${String(values.length)} of ${String(rowCount)} rows`);
    }
    columns.push([column, values]);
  }
  return { rowCount, columns };
}

/**
 * Every row group must hold each leaf of the schema once and nothing else: hyparquet starts to decode whatever columns
 * a row group lists, and nobody would wait for the failure of one that the schema does not know.
 */
function checkColumns(metadata: FileMetaData): void {
  const root = parquetSchema(metadata);
  const expected = leafPaths(root).sort().join('\n');
  const names = root.children.map(({ element }) => element.name);
  if (new Set(names).size !== names.length) throw new Error('two columns have the same name');
  for (const [index, { columns }] of metadata.row_groups.entries()) {
    const found = columns.map((column) => JSON.stringify(column.meta_data?.path_in_schema ?? []));
    if (found.sort().join('\n') !== expected) {
      throw new Error(`the columns of row group ${String(index)} are not those of the schema`);
    }
  }
}

function leafPaths(tree: SchemaTree): string[] {
  return tree.children.length === 0 ? [JSON.stringify(tree.path)] : tree.children.flatMap(leafPaths);
}

/** The file as hyparquet wants it; no read goes past the file's end, whatever its metadata says. */
async function openBuffer(file: string, handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    slice: (start, end = size) => {
      if (!(start >= 0 && start <= end && end <= size)) {
        throw new Error(`bytes ${String(start)} to ${String(end)} lie outside the file of ${String(size)} bytes`);
      }
      const reading = readSlice(file, handle, start, end - start);
      // hyparquet may give up before it waits for every slice; a failed one must not count as unhandled then.
      reading.catch(() => undefined);
      return reading;
    },
  };
}

async function readSlice(file: string, handle: FileHandle, start: number, length: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  await readExactly(handle, bytes, start, file);
  return bytes.buffer;
}
