/**
 * Writes the end of a run whose process died without a word into its log, where its supervisor died with it: every later
 * view then knows the reason.
 */
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatEventLine } from '../../engine/protocol/eventLine.ts';
import { EVENT_SCHEMA_VERSION } from '../../engine/protocol/events.ts';
import { deathReason, logTail, PROCESS_DIED } from '../../engine/protocol/processDeath.ts';
import { RUN_FILES } from '../../engine/protocol/runFolder.ts';

const NEWLINE = 0x0a;

/**
 * Appends a failed status. Removing the control file decides which of several windows writes it.
 * @param how such as `exit code 134`; undefined where nobody saw it
 * @returns whether this call wrote it
 */
export async function recordDeath(folder: string, how: string | undefined): Promise<boolean> {
  try {
    await rm(join(folder, RUN_FILES.control));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && how === undefined) return false;
  }
  const reason = deathReason(how, await lastLogLines(folder));
  await appendFailure(join(folder, RUN_FILES.events), reason);
  return true;
}

async function lastLogLines(folder: string): Promise<string> {
  try {
    const text = await readFile(join(folder, RUN_FILES.log), 'utf8');
    return logTail(text);
  } catch {
    return '';
  }
}

/** Cuts off a torn last line first. */
async function appendFailure(file: string, reason: string): Promise<void> {
  const time = Date.now();
  const handle = await open(file, 'a+');
  try {
    const content = await handle.readFile();
    const end = content.lastIndexOf(NEWLINE) + 1;
    if (end < content.length) await handle.truncate(end);
    const header = formatEventLine({ type: 'log', schemaVersion: EVENT_SCHEMA_VERSION, time });
    const failure = formatEventLine({ type: 'status', status: 'failed', reason, code: PROCESS_DIED, time });
    await handle.appendFile(end === 0 ? header + failure : failure);
  } finally {
    await handle.close();
  }
}
