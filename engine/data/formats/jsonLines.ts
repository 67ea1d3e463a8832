/** Reads JSON lines: one object per line, blank lines allowed, LF or CRLF. */
import { readTextChunks } from './fileChunks.ts';
import { parseRecord, RECORD_LIMIT_BYTES } from './jsonRecord.ts';
import type { ReportProblem } from '../problems.ts';
import { recordError, type SourceRecord } from './record.ts';

const LINE_FEED = 0x0a;

/** The file's records in order; a broken line is reported and the next one read. */
export async function* readJsonLines(
  file: string,
  report: ReportProblem,
  recordLimitBytes = RECORD_LIMIT_BYTES,
): AsyncGenerator<SourceRecord, void, undefined> {
  for await (const { bytes, line } of readTextLines(file, report, recordLimitBytes)) {
    const record = parseRecord(bytes, { file, line, unit: 'line' }, report);
    if (record !== undefined) yield record;
  }
}

/** The file's lines that are not blank, without their line feed. */
export async function* readTextLines(
  file: string,
  report: ReportProblem,
  recordLimitBytes = RECORD_LIMIT_BYTES,
): AsyncGenerator<{ readonly bytes: Buffer; readonly line: number }, void, undefined> {
  let line = 0;
  for await (const bytes of splitLines(readTextChunks(file), recordLimitBytes)) {
    line += 1;
    if (bytes === 'tooLong') {
      report(
        recordError(
          { file, line, unit: 'line' },
          'data/recordTooLarge',
          `the line is longer than ${String(recordLimitBytes)} bytes`,
          'Break the lines after each record, or set data.format if it is another one.',
        ),
      );
      return;
    }
    if (!isBlank(bytes)) yield { bytes, line };
  }
}

/** The lines without their line feed, in order; `tooLong` ends the stream. */
async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  limitBytes: number,
): AsyncGenerator<Buffer | 'tooLong', void, undefined> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      yield Buffer.concat([...pending, chunk.subarray(start, end)]);
      pending = [];
      pendingBytes = 0;
      start = end + 1;
    }
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.byteLength - start;
    if (pendingBytes > limitBytes) {
      yield 'tooLong';
      return;
    }
  }
  if (pendingBytes > 0) yield Buffer.concat(pending);
}

/** Spaces, tabs and carriage returns alone. */
function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
