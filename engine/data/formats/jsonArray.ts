/** Reads a JSON array of records element by element, so that memory is bounded by the largest record, not the file. */
import type { ExpectedError } from '../../errors/expected.ts';
import { readTextChunks } from './fileChunks.ts';
import { JsonArrayScanner, type ArrayMistake } from './jsonArrayScanner.ts';
import { parseRecord, RECORD_LIMIT_BYTES } from './jsonRecord.ts';
import type { ReportProblem } from '../problems.ts';
import { recordError, type SourceRecord } from './record.ts';

/** The file's records in order; a broken record is reported and the next one read, a broken array ends reading. */
export async function* readJsonArray(
  file: string,
  report: ReportProblem,
  recordLimitBytes = RECORD_LIMIT_BYTES,
): AsyncGenerator<SourceRecord, void, undefined> {
  const scanner = new JsonArrayScanner(recordLimitBytes);
  for await (const chunk of readTextChunks(file)) {
    for (const { bytes, line } of scanner.push(chunk)) {
      const record = parseRecord(bytes, { file, line, unit: 'line' }, report);
      if (record !== undefined) yield record;
    }
    if (scanner.mistake !== undefined) break;
  }
  const mistake = scanner.finish();
  if (mistake !== undefined) reportMistake(file, mistake, report);
}

function reportMistake(file: string, mistake: ArrayMistake, report: ReportProblem): void {
  const place = { file, line: mistake.line, unit: 'line' } as const;
  const inRecord: ExpectedError[] = [];
  if (mistake.unfinished !== undefined) parseRecord(mistake.unfinished, place, (problem) => inRecord.push(problem));
  const [exact] = inRecord;
  report(exact ?? recordError(place, mistake.code, mistake.problem, mistake.fix));
}
