/** Reads the records of a data file, whatever its format. */
import { ExpectedError } from '../../errors/expected.ts';
import { readDelimited } from './delimited.ts';
import { readHead } from './fileChunks.ts';
import { detectFormat, HEAD_BYTES, refuseLookAlike, type DataFormat } from './fileFormat.ts';
import { readJsonArray } from './jsonArray.ts';
import { readJsonLines } from './jsonLines.ts';
import { readParquet } from './parquet.ts';
import type { ReportProblem } from '../problems.ts';
import type { SourceRecord } from './record.ts';

/**
 * The format of `file`: the one that is asked for, or the detected one.
 * @throws ExpectedError `data/emptyFile`, `data/notData`, `data/unknownFormat`, `files/*`
 */
export async function resolveFormat(file: string, format: DataFormat | 'auto'): Promise<DataFormat> {
  const head = await readHead(file, HEAD_BYTES);
  if (format === 'auto') return detectFormat(file, head);
  refuseLookAlike(file, head);
  return format;
}

/** The file's records in order. Problems of the content are reported; what makes the file unreadable is thrown. */
export async function* readRecords(
  file: string,
  format: DataFormat,
  report: ReportProblem,
): AsyncGenerator<SourceRecord, void, undefined> {
  let isEmpty = true;
  const reportFound: ReportProblem = (problem) => {
    isEmpty = false;
    report(problem);
  };
  for await (const record of readFormat(file, format, reportFound)) {
    isEmpty = false;
    yield record;
  }
  if (isEmpty) {
    report(new ExpectedError('data/emptyFile', 'holds no record', 'Give a file with at least one record.', { file }));
  }
}

function readFormat(
  file: string,
  format: DataFormat,
  report: ReportProblem,
): AsyncGenerator<SourceRecord, void, undefined> {
  switch (format) {
    case 'jsonl':
      return readJsonLines(file, report);
    case 'json':
      return readJsonArray(file, report);
    case 'csv':
    case 'tsv':
      return readDelimited(file, format, report);
    case 'parquet':
      return readParquet(file, report);
  }
}
