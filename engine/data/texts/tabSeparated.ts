/**
 * Reads TSV as the tasks' files are published: a quote is an ordinary character, a record a line, and a line with fewer
 * cells than the header lacks the last ones.
 */
import { readTextLines } from '../formats/jsonLines.ts';
import type { ReportProblem } from '../problems.ts';
import { recordError, type SourceRecord } from '../formats/record.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * @param headerless names of the columns where the first line is a record already, which the number of its cells and the
 *   second of them, a label, tell
 */
export async function* readTabSeparated(
  file: string,
  headerless: readonly string[] | undefined,
  report: ReportProblem,
): AsyncGenerator<SourceRecord, void, undefined> {
  let names: readonly string[] | undefined;
  for await (const { bytes, line } of readTextLines(file, report)) {
    const place = { file, line, unit: 'line' } as const;
    let cells: readonly string[];
    try {
      cells = decoder.decode(bytes).replace(/\r$/, '').split('\t');
    } catch (error) {
      const fix = 'Save the file with the encoding UTF-8.';
      report(recordError(place, 'data/notUtf8', 'is not UTF-8 text', fix, undefined, error));
      continue;
    }
    if (names === undefined) {
      const isRecord = cells.length === headerless?.length && /^[01]$/.test(cells[1] ?? '');
      names = isRecord ? headerless : cells;
      if (!isRecord) continue;
    }
    yield { place, record: Object.fromEntries(cells.map((cell, index) => [names?.[index] ?? '', cell])) };
  }
}
