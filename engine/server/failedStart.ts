/** A run that failed before it had a log gets one that says why, so that every view shows the failure. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '../errors/expected.ts';
import { systemErrorCode } from '../files/systemError.ts';
import { formatEventLine } from '../protocol/runs/eventLine.ts';
import { EVENT_SCHEMA_VERSION } from '../protocol/runs/events.ts';
import { RUN_FILES } from '../protocol/runs/runFolder.ts';

/** Does nothing where the run has a log: its own end stands there. */
export async function logFailedStart(runFolder: string, error: unknown): Promise<void> {
  const time = Date.now();
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof ExpectedError ? error.code : 'bug';
  const lines =
    formatEventLine({ type: 'log', schemaVersion: EVENT_SCHEMA_VERSION, time }) +
    formatEventLine({ type: 'status', status: 'failed', reason, code, time });
  try {
    await writeFile(join(runFolder, RUN_FILES.events), lines, { flag: 'wx' });
  } catch (writeError) {
    if (systemErrorCode(writeError) !== 'EEXIST') throw writeError;
  }
}
