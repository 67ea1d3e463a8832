/** Starts the process of the next queued run, so that the queue moves on while no window is open. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { RUN_FILES } from '../protocol/runs/runFolder.ts';
import { nextQueueEntry, takeQueueEntry } from './queueFolder.ts';

/**
 * Starts the first run that waits for the device, if any; it claims the device itself. A run whose folder was
 * deleted meanwhile leaves the queue.
 */
export async function startSuccessor(queueFolder: string, device: string): Promise<void> {
  const next = await nextQueueEntry(queueFolder, device);
  if (next === undefined) return;
  if (!existsSync(next.entry.runFolder)) {
    await takeQueueEntry(queueFolder, next.name);
    return startSuccessor(queueFolder, device);
  }
  const log = openSync(join(next.entry.runFolder, RUN_FILES.log), 'a', 0o600);
  try {
    const child = spawn(process.execPath, [process.argv[1]!, 'run', queueFolder, next.name], {
      detached: true,
      stdio: ['ignore', log, log],
      windowsHide: true,
    });
    child.once('error', (error) => {
      console.error(`cannot start the next run of the queue, ${next.entry.runFolder}:`, error);
    });
    child.unref();
  } finally {
    closeSync(log);
  }
}
