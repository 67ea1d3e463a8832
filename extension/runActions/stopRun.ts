/** Stopping a run: it saves a checkpoint first; a process that does not answer is ended by hand. */
import { setTimeout as delay } from 'node:timers/promises';
import { dequeue } from '../queue/queueFolder.ts';
import { readRunDriver } from '../runs/processLiveness.ts';
import { isDriven, type Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';

/** A step of a large model on a slow machine takes minutes, and stopping waits for the end of one. */
const STOP_LIMIT_MS = 120_000;
const LOOK_INTERVAL_MS = 200;

/** Asks the run to save and stop, or takes it out of the queue; returns at once. */
export async function requestStop(store: RunStore, queueFolder: string, run: Run): Promise<void> {
  if (run.queued !== undefined) await dequeue(queueFolder, run.queued.entryName);
  const connection = store.connectionOf(run.folder);
  if (connection !== undefined) {
    await connection.request('stop', {});
    return;
  }
  const driver = await readRunDriver(run.folder);
  if (driver.liveness === 'alive' && driver.process !== undefined) process.kill(driver.process.pid, 'SIGTERM');
}

/** Stops the run and waits until no process drives it; kills the process that takes too long. */
export async function stopAndWait(store: RunStore, queueFolder: string, run: Run): Promise<void> {
  await requestStop(store, queueFolder, run);
  const deadline = Date.now() + STOP_LIMIT_MS;
  while (isStillDriven(store, run.folder)) {
    if (Date.now() > deadline) {
      const pid = store.connectionOf(run.folder)?.hello.pid ?? (await readRunDriver(run.folder)).process?.pid;
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    }
    await delay(LOOK_INTERVAL_MS);
    await store.refresh(run.folder);
  }
}

function isStillDriven(store: RunStore, folder: string): boolean {
  const run = store.get(folder);
  return run !== undefined && isDriven(run);
}
