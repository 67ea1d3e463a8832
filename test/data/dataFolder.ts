/** A temporary folder for data files, and what readers say about them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { collectProblems, DataProblemsError } from '../../engine/data/problems.ts';
import type { SourceRecord } from '../../engine/data/formats/record.ts';
import { readRecords, resolveFormat } from '../../engine/data/formats/recordReader.ts';
import type { DataFormat } from '../../engine/data/formats/fileFormat.ts';
import { ExpectedError } from '../../engine/errors/expected.ts';

/** A folder that goes away with the test file, and a function that writes a file into it. */
export function dataFolder(): {
  readonly folder: string;
  readonly write: (name: string, content: string | Uint8Array) => string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'neuroada-data-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    write: (name, content) => {
      const file = join(folder, name);
      writeFileSync(file, content);
      return file;
    },
  };
}

export interface ReadResult {
  readonly records: readonly SourceRecord[];
  readonly problems: readonly ExpectedError[];
}

/** Everything that reading gives: the records up to the last problem allowed, and the problems. */
export async function readAll(file: string, format: DataFormat | 'auto' = 'auto'): Promise<ReadResult> {
  const collector = collectProblems();
  const records: SourceRecord[] = [];
  try {
    for await (const record of readRecords(file, await resolveFormat(file, format), collector.report)) {
      records.push(record);
    }
    collector.throwReported();
  } catch (error) {
    if (!(error instanceof DataProblemsError)) throw error;
    return { records, problems: error.problems };
  }
  return { records, problems: [] };
}

/** The expected error that `work` throws; a test fails where it throws none or another. */
export async function expectedError(work: () => unknown): Promise<ExpectedError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ExpectedError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
