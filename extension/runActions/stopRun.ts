/** Stopping a run: it saves a checkpoint first; a process that does not answer is ended by hand. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import { dequeue, readQueue } from '../queue/queueFolder.ts';
import { recordQueuedStop } from '../runs/endRecord.ts';
import { readRunDriver } from '../runs/processLiveness.ts';
import { isDriven, isRunning, type Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';

/** A step of a large model on a slow machine takes minutes, and stopping waits for the end of one. */
const STOP_LIMIT_MS = 120_000;
/** A process that has just left the queue says soon where it listens. */
const START_LIMIT_MS = 15_000;
const LOOK_INTERVAL_MS = 200;

/** Takes the run out of the queue, or asks it to save and stop; fulfilled when it was asked. */
export async function requestStop(store: RunStore, queueFolder: string, { folder }: Run): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (await removeFromQueue(queueFolder, folder)) {
      if (!existsSync(join(folder, RUN_FILES.events))) await recordQueuedStop(folder);
      return store.leaveQueue(folder);
    }
    await store.refresh(folder);
    if (await askProcess(store, folder)) {
      store.setStopping(folder);
      return;
    }
    const run = store.get(folder);
    // A process that has taken the run and is not linked to yet shows as preparing.
    if (run === undefined || !isRunning(run) || Date.now() > deadline) return;
    await delay(LOOK_INTERVAL_MS);
  }
}

async function removeFromQueue(queueFolder: string, runFolder: string): Promise<boolean> {
  const entry = (await readQueue(queueFolder)).find((queued) => queued.runFolder === runFolder);
  return entry !== undefined && (await dequeue(queueFolder, entry.entryName));
}

/** Stops the run and waits until no process drives it; kills the process that takes too long. */
export async function stopAndWait(store: RunStore, queueFolder: string, run: Run): Promise<void> {
  await requestStop(store, queueFolder, run);
  const deadline = Date.now() + STOP_LIMIT_MS;
  while (isStillDriven(store, run.folder)) {
    if (Date.now() > deadline) killProcess(store, run.folder);
    await delay(LOOK_INTERVAL_MS);
    await store.refresh(run.folder);
  }
}

/** Ends the process of the run at once; the steps since its last checkpoint are lost. */
export function killProcess(store: RunStore, folder: string): void {
  const pid = store.connectionOf(folder)?.hello.pid ?? liveProcess(folder);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

export function isStillDriven(store: RunStore, folder: string): boolean {
  const run = store.get(folder);
  return run !== undefined && isDriven(run);
}

/** Returns whether there was a process to ask. */
async function askProcess(store: RunStore, folder: string): Promise<boolean> {
  const connection = store.connectionOf(folder);
  if (connection !== undefined) {
    await connection.request('stop', {});
    return true;
  }
  const pid = liveProcess(folder);
  if (pid !== undefined) process.kill(pid, 'SIGTERM');
  return pid !== undefined;
}

function liveProcess(folder: string): number | undefined {
  const { liveness, process: driver } = readRunDriver(folder);
  return liveness === 'alive' ? driver?.pid : undefined;
}
