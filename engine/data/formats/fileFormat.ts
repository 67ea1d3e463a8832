/** Tells the format of a data file from its name and first bytes, and names look-alikes that are not data. */
import { extname } from 'node:path';
import { ExpectedError } from '../../errors/expected.ts';

export type DataFormat = 'jsonl' | 'json' | 'csv' | 'tsv' | 'parquet';

/** How many first bytes `detectFormat` wants to see (fewer where the file is shorter). */
export const HEAD_BYTES = 4096;

const EXTENSIONS: Readonly<Record<string, DataFormat>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.parquet': 'parquet',
  '.pq': 'parquet',
};

const LOOK_ALIKES: readonly (readonly [firstBytes: readonly number[], what: string, fix: string])[] = [
  [[0x1f, 0x8b], 'is compressed with gzip', 'Decompress it (gunzip) and give the decompressed file.'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'is compressed with Zstandard', 'Decompress it (unzstd) and give the decompressed file.'],
  [[0x50, 0x4b, 0x03, 0x04], 'is a ZIP archive or an Excel workbook', 'Unpack it, or export the sheet as CSV.'],
  [[0xff, 0xfe], 'is UTF-16 text, expected UTF-8', 'Save it again with the encoding UTF-8.'],
  [[0xfe, 0xff], 'is UTF-16 text, expected UTF-8', 'Save it again with the encoding UTF-8.'],
  [
    [...Buffer.from('version https://git-lfs')],
    'is a Git LFS pointer, not the data itself',
    'Fetch the data with "git lfs pull".',
  ],
];

/**
 * The format by the file's extension, then by its first bytes: `[` begins a JSON array, `{` JSON lines, `PAR1` Parquet.
 * Between JSON lines and a JSON array the first byte decides, since both are called `.json`.
 * @throws ExpectedError `data/unknownFormat`, `data/emptyFile`
 */
export function detectFormat(file: string, head: Uint8Array): DataFormat {
  refuseLookAlike(file, head);
  const byName = EXTENSIONS[extname(file).toLowerCase()];
  if (byName === 'csv' || byName === 'tsv' || byName === 'parquet') return byName;
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text = bytes
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  if (text.startsWith('[')) return 'json';
  if (text.startsWith('{')) return 'jsonl';
  if (text.startsWith('PAR1')) return 'parquet';
  if (byName !== undefined) return byName;
  throw new ExpectedError(
    'data/unknownFormat',
    'cannot tell the format from the file name or its first bytes, expected JSONL, JSON, CSV, TSV or Parquet',
    'Set data.format to "jsonl", "json", "csv", "tsv" or "parquet".',
    { file },
  );
}

/**
 * Refuses an empty file and files that are something else than they seem, whatever format was asked for.
 * @throws ExpectedError `data/emptyFile`, `data/notData`
 */
export function refuseLookAlike(file: string, head: Uint8Array): void {
  if (head.byteLength === 0) {
    throw new ExpectedError('data/emptyFile', 'is empty', 'Give a file with at least one record.', { file });
  }
  for (const [firstBytes, what, fix] of LOOK_ALIKES) {
    if (firstBytes.every((byte, index) => head[index] === byte)) {
      throw new ExpectedError('data/notData', what, fix, { file });
    }
  }
}
