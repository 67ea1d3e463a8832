/**
 * Watches over the process that trains a run. When that dies, by whatever means and with no window open, the run's log
 * tells how, and the queue goes on.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../files/systemError.ts';
import { FINAL_STATUSES } from '../protocol/runs/events.ts';
import { deathReason, deathText, logTail, PROCESS_DIED, type ProcessEnd } from '../protocol/runs/processDeath.ts';
import { RUN_EXIT_CODES } from '../protocol/rpc.ts';
import { RUN_FILES } from '../protocol/runs/runFolder.ts';
import { openEventLog } from '../run/eventLog.ts';
import { openRun } from '../run/runSession.ts';
import { readQueueEntry, takeQueueEntry } from './queueFolder.ts';
import { startSuccessor } from './successor.ts';
import { TRAINER_ROLE } from './trainerRole.ts';

/** Starts this program again to train the queue's entry, and returns its exit code, or 1 where a signal ended it. */
export async function superviseRun(queueFolder: string, entryName: string): Promise<number> {
  const entry = await readQueueEntry(queueFolder, entryName);
  if (entry === undefined) return RUN_EXIT_CODES.deviceBusy;
  const { runFolder, device } = entry;
  const startedTime = Date.now();
  const logFile = join(runFolder, RUN_FILES.log);
  const logStart = await sizeOf(logFile);
  const end = await train(queueFolder, entryName);
  const { exitCode } = end;
  if (exitCode === RUN_EXIT_CODES.ended || exitCode === RUN_EXIT_CODES.deviceBusy) return exitCode;
  // A process that died early has not taken its entry: left there it would be started, and die, again and again.
  await takeQueueEntry(queueFolder, entryName);
  await recordDeath(runFolder, deathReason(deathText(end), await tailSince(logFile, logStart)), startedTime);
  // Only now, so that whoever finds no control file finds the end in the log.
  await rm(join(runFolder, RUN_FILES.control), { force: true });
  await startSuccessor(queueFolder, device);
  return exitCode ?? 1;
}

async function train(queueFolder: string, entryName: string): Promise<ProcessEnd> {
  const trainer = spawn(process.execPath, [process.argv[1]!, TRAINER_ROLE, queueFolder, entryName], {
    stdio: ['ignore', 'inherit', 'inherit'],
    windowsHide: true,
  });
  const passOn = (signal: NodeJS.Signals): void => {
    trainer.kill(signal);
  };
  process.on('SIGTERM', passOn).on('SIGINT', passOn);
  const [exitCode, signal] = (await once(trainer, 'exit')) as [number | null, string | null];
  process.off('SIGTERM', passOn).off('SIGINT', passOn);
  return { exitCode: exitCode ?? undefined, signal: signal ?? undefined };
}

/** Does nothing where the log tells an end already, or the run is gone. */
async function recordDeath(runFolder: string, reason: string, startedTime: number): Promise<void> {
  const hasRecord = (await sizeOf(join(runFolder, RUN_FILES.record))) > 0;
  if (!hasRecord && (await sizeOf(join(runFolder, RUN_FILES.request))) === 0) return;
  const log = hasRecord ? await openRun(runFolder) : await openEventLog(join(runFolder, RUN_FILES.events));
  try {
    const { status, updatedTime } = log.summary;
    // The log of a resumed run ends with the status of the time before.
    if (FINAL_STATUSES.includes(status) && (updatedTime ?? 0) >= startedTime) return;
    log.append({ type: 'status', status: 'failed', code: PROCESS_DIED, reason });
  } finally {
    await log.close();
  }
}

async function tailSince(file: string, start: number): Promise<string> {
  try {
    return logTail((await readFile(file)).toString('utf8', start));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return '';
    throw error;
  }
}

/** In bytes; 0 where there is no such file. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
