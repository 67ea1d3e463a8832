/** One record's JSON text turned into a record, or into a problem that names the line and column of the mistake. */
import { parseStrictJson, StrictJsonError } from '../../checkpoint/strictJson.ts';
import type { ExpectedError } from '../../errors/expected.ts';
import type { ReportProblem } from '../problems.ts';
import { describeValue, recordError, type RecordPlace, type SourceRecord } from './record.ts';

/** No single record may be larger: what grows beyond is a broken file, and would fill the memory. */
export const RECORD_LIMIT_BYTES = 64 * 1024 * 1024;

const GLIMPSE_CHARACTERS = 16;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The record in `bytes`, which start at `place`; nothing where a problem was reported instead. */
export function parseRecord(bytes: Uint8Array, place: RecordPlace, report: ReportProblem): SourceRecord | undefined {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (error) {
    report(
      recordError(
        place,
        'data/notUtf8',
        'is not UTF-8 text',
        'Save the file with the encoding UTF-8.',
        undefined,
        error,
      ),
    );
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    report(syntaxProblem(text, place, error));
    return undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return { record: value as Record<string, unknown>, place };
  }
  report(
    recordError(
      place,
      'data/notARecord',
      `expected an object such as {"instruction": "...", "output": "..."}, found ${describeValue(value)}`,
      'Write each record as an object with named fields.',
    ),
  );
  return undefined;
}

function syntaxProblem(text: string, place: RecordPlace, cause: unknown): ExpectedError {
  const { problem, position } = locateMistake(text, cause);
  const before = text.slice(0, position);
  const lastBreak = before.lastIndexOf('\n');
  const line = place.line + before.split('\n').length - 1;
  const column = `column ${String(position - lastBreak)}`;
  return recordError(
    { ...place, line },
    'data/invalidJson',
    `invalid JSON at ${column}: ${problem}, found ${glimpse(text, position)}`,
    'Write each record as one complete JSON object: quotes around names and texts, no comma after the last field, no NaN.',
    undefined,
    cause,
  );
}

function locateMistake(text: string, cause: unknown): { readonly problem: string; readonly position: number } {
  try {
    parseStrictJson(text);
  } catch (error) {
    if (error instanceof StrictJsonError) {
      return { problem: error.message.replace(/ at character \d+$/, ''), position: error.position };
    }
    throw error;
  }
  return { problem: cause instanceof Error ? cause.message : String(cause), position: 0 };
}

function glimpse(text: string, position: number): string {
  const rest =
    text
      .slice(position, position + GLIMPSE_CHARACTERS)
      .split('\n')[0]
      ?.trimEnd() ?? '';
  if (rest !== '') return JSON.stringify(rest);
  return position >= text.trimEnd().length ? 'the end of the record' : 'a line break';
}
