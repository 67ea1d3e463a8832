/** Writes the end of a run into its log where no process is left that could: every later view then knows it. */
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatEventLine } from '../../engine/protocol/runs/eventLine.ts';
import { EVENT_SCHEMA_VERSION, type StatusEvent } from '../../engine/protocol/runs/events.ts';
import { deathReason, logTail, PROCESS_DIED } from '../../engine/protocol/runs/processDeath.ts';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';

const NEWLINE = 0x0a;

/**
 * The process died without a word, and its supervisor with it. Removing the control file decides which of several
 * windows writes it.
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
  await appendStatus(folder, { status: 'failed', reason, code: PROCESS_DIED });
  return true;
}

/** The run was taken out of the queue before it began. */
export async function recordQueuedStop(folder: string): Promise<void> {
  await appendStatus(folder, { status: 'stopped', reason: 'stopped while it waited for its turn' });
}

async function lastLogLines(folder: string): Promise<string> {
  try {
    return logTail(await readFile(join(folder, RUN_FILES.log), 'utf8'));
  } catch {
    return '';
  }
}

/** Cuts off a torn last line first. */
async function appendStatus(folder: string, status: Omit<StatusEvent, 'type' | 'time'>): Promise<void> {
  const time = Date.now();
  const handle = await open(join(folder, RUN_FILES.events), 'a+');
  try {
    const content = await handle.readFile();
    const end = content.lastIndexOf(NEWLINE) + 1;
    if (end < content.length) await handle.truncate(end);
    const header = formatEventLine({ type: 'log', schemaVersion: EVENT_SCHEMA_VERSION, time });
    const line = formatEventLine({ type: 'status', ...status, time });
    await handle.appendFile(end === 0 ? header + line : line);
  } finally {
    await handle.close();
  }
}
