/** A record as it lies in a data file, where it lies, and errors that point there. */
import { ExpectedError } from '../../errors/expected.ts';

/** Where a record starts: its line in a text file, its row in a Parquet file; both counted from 1. */
export interface RecordPlace {
  readonly file: string;
  readonly line: number;
  readonly unit: 'line' | 'row';
}

export interface SourceRecord {
  readonly record: Readonly<Record<string, unknown>>;
  readonly place: RecordPlace;
}

/** An expected error at a record; a Parquet row, which no editor can show as a line, is named in the text. */
export function recordError(
  place: RecordPlace,
  code: `data/${string}`,
  problem: string,
  fix: string,
  field?: string,
  cause?: unknown,
): ExpectedError {
  const named = field === undefined ? {} : { field };
  if (place.unit === 'line') {
    return new ExpectedError(code, problem, fix, { file: place.file, line: place.line, ...named }, cause);
  }
  return new ExpectedError(code, `row ${String(place.line)}: ${problem}`, fix, { file: place.file, ...named }, cause);
}

/** A value's type and a glimpse of it, for messages: `a number (16)`, `a list`, `null`. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `a list of ${String(value.length)}`;
  switch (typeof value) {
    case 'string':
      return `text (${JSON.stringify(value.length > 30 ? `${value.slice(0, 30)}...` : value)})`;
    case 'number':
    case 'bigint':
      return `a number (${String(value)})`;
    case 'boolean':
      return `a boolean (${String(value)})`;
    default:
      return 'an object';
  }
}
