/** Reads CSV and TSV: the first line names the fields, every further one is a record of texts. */
import { pipeline } from 'node:stream';
import { CsvError, parse, type Parser } from 'csv-parse';
import type { ExpectedError } from '../../errors/expected.ts';
import { readTextChunks } from './fileChunks.ts';
import { RECORD_LIMIT_BYTES } from './jsonRecord.ts';
import type { ReportProblem } from '../problems.ts';
import { recordError, type RecordPlace, type SourceRecord } from './record.ts';

const LINE_BREAK = /\r\n|\n|\r/g;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface Row {
  readonly cells: readonly Uint8Array[];
  readonly line: number;
}

/**
 * The file's records in order. Cells may be quoted and then hold line breaks; in a TSV file a quote that is not at the
 * start of a cell is an ordinary character. A bad row is reported and the next one read, a broken quote ends reading.
 */
export async function* readDelimited(
  file: string,
  format: 'csv' | 'tsv',
  report: ReportProblem,
): AsyncGenerator<SourceRecord, void, undefined> {
  let names: readonly string[] | undefined;
  for await (const { cells, line } of readRows(file, format, report)) {
    const place = { file, line, unit: 'line' } as const;
    const texts = decodeCells(cells, place, report);
    if (names === undefined) {
      if (texts === undefined || !isHeaderSound(texts, place, report)) return;
      names = texts;
    } else if (texts !== undefined) {
      const record = recordOfCells(names, texts, place, report);
      if (record !== undefined) yield record;
    }
  }
}

async function* readRows(
  file: string,
  format: 'csv' | 'tsv',
  report: ReportProblem,
): AsyncGenerator<Row, void, undefined> {
  const position = { line: 1, emptyLines: 0 };
  const parser = openParser(format, position);
  // A failure to read the file comes out of the parser's own iteration.
  pipeline(readTextChunks(file), parser, () => undefined);
  try {
    for await (const row of parser as AsyncIterable<Row>) yield row;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = position.line + parser.info.empty_lines - position.emptyLines;
    report(quoteProblem(error, { file, line, unit: 'line' }));
  }
}

/** The parser's own line numbers count CRLF inside a cell twice: `position` follows the line after each record. */
function openParser(format: 'csv' | 'tsv', position: { line: number; emptyLines: number }): Parser {
  return parse({
    delimiter: format === 'csv' ? ',' : '\t',
    relax_quotes: format === 'tsv',
    relax_column_count: true,
    skip_empty_lines: true,
    encoding: null,
    max_record_size: RECORD_LIMIT_BYTES,
    on_record: (record: unknown, context): never => {
      const cells = record as readonly Uint8Array[];
      const line = position.line + context.empty_lines - position.emptyLines;
      position.line = line + 1 + cells.reduce((sum, cell) => sum + countLineBreaks(cell), 0);
      position.emptyLines = context.empty_lines;
      return { cells, line } satisfies Row as never;
    },
  });
}

function quoteProblem(error: CsvError, place: RecordPlace): ExpectedError {
  const problem = error.message.replace(/ at line \d+/g, '').replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  return recordError(
    place,
    'data/invalidCsv',
    problem,
    'Put quotes around a whole cell, and write a quote inside it twice ("").',
    undefined,
    error,
  );
}

function decodeCells(cells: readonly Uint8Array[], place: RecordPlace, report: ReportProblem): string[] | undefined {
  try {
    return cells.map((cell) => decoder.decode(cell));
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
}

function isHeaderSound(names: readonly string[], place: RecordPlace, report: ReportProblem): boolean {
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double === undefined) return true;
  const problem = `the header names the field ${JSON.stringify(double)} twice`;
  report(recordError(place, 'data/doubleField', problem, 'Give every column a name of its own.', double));
  return false;
}

function recordOfCells(
  names: readonly string[],
  texts: readonly string[],
  place: RecordPlace,
  report: ReportProblem,
): SourceRecord | undefined {
  if (texts.length === names.length) {
    return { record: Object.fromEntries(names.map((name, index) => [name, texts[index]])), place };
  }
  report(
    recordError(
      place,
      'data/cellCount',
      `expected ${String(names.length)} cells as in the header (${names.join(', ')}), found ${String(texts.length)}`,
      'Put quotes around a cell that holds a separator or a line break.',
    ),
  );
  return undefined;
}

function countLineBreaks(cell: Uint8Array): number {
  if (!cell.includes(0x0a) && !cell.includes(0x0d)) return 0;
  return Buffer.from(cell).toString('latin1').match(LINE_BREAK)?.length ?? 0;
}
