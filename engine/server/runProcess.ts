/**
 * The process of one run: claims the device, trains, serves clients meanwhile, and starts the next run of the queue.
 * Its clients come and go; only a stop request, a signal or the run's own end stops it.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporarySibling } from '../files/temporaryName.ts';
import type { RunConfiguration } from '../protocol/configuration/configuration.ts';
import type { RunEvent } from '../protocol/runs/events.ts';
import type { QueueEntry, RunControl, RunRequest } from '../protocol/runs/queue.ts';
import { RUN_EXIT_CODES, type JobProgress } from '../protocol/rpc.ts';
import { RUN_FILES, type RunRecord } from '../protocol/runs/runFolder.ts';
import { claimDevice } from './deviceClaim.ts';
import { logFailedStart } from './failedStart.ts';
import { newPrivateAddress } from './privateAddress.ts';
import { readQueueEntry, takeQueueEntry } from './queueFolder.ts';
import { serveRpc, type RpcClient } from './rpcServer.ts';
import { startSuccessor } from './successor.ts';

/** Trains a run to its end and keeps its log; an abort saves a checkpoint and ends the run as stopped. */
export type TrainRun = (
  request: { readonly configuration: RunConfiguration; readonly runFolder: string; readonly resume: boolean },
  observer: { readonly onEvent: (event: RunEvent) => void; readonly onProgress: (progress: JobProgress) => void },
  signal: AbortSignal,
) => Promise<unknown>;

/** Runs the queue's entry and returns the exit code. */
export async function serveRun(queueFolder: string, entryName: string, train: TrainRun): Promise<number> {
  const entry = await readQueueEntry(queueFolder, entryName);
  if (entry === undefined) return RUN_EXIT_CODES.deviceBusy;
  const token = randomBytes(32).toString('hex');
  const privateAddress = await newPrivateAddress();
  const { address } = privateAddress;
  const stopping = new AbortController();
  const clients = new Set<RpcClient>();
  let progress: JobProgress = { phase: 'starting', done: 0, total: 0 };
  const server = await serveRpc(
    address,
    token,
    () => ({ role: 'run', pid: process.pid, progress }),
    (client) => {
      clients.add(client);
      void client.closed.then(() => clients.delete(client));
      client.onRequest('stop', () => {
        stopping.abort();
        return Promise.resolve({});
      });
    },
  );
  try {
    const claim = { runFolder: entry.runFolder, pid: process.pid, address };
    const release = await claimDevice(queueFolder, entry.device, claim);
    if (release === 'busy') return RUN_EXIT_CODES.deviceBusy;
    try {
      const control: RunControl = { address, token, pid: process.pid };
      return await withControlFile(entry.runFolder, control, async () => {
        // Taken only now, so that whoever sees the entry gone finds the process.
        if (!(await takeQueueEntry(queueFolder, entryName))) return RUN_EXIT_CODES.deviceBusy;
        await trainEntry(entry, train, stopping, {
          onEvent: (event) => {
            for (const client of clients) client.notify('appended', { type: event.type });
          },
          onProgress: (next) => {
            progress = next;
            for (const client of clients) client.notify('progress', next);
          },
        });
        return RUN_EXIT_CODES.ended;
      });
    } finally {
      await release();
      await startSuccessor(queueFolder, entry.device);
    }
  } finally {
    server.close();
    for (const client of clients) client.connection.end();
    await privateAddress.remove();
  }
}

async function trainEntry(
  entry: QueueEntry,
  train: TrainRun,
  stopping: AbortController,
  observer: Parameters<TrainRun>[1],
): Promise<void> {
  const { runFolder, resume } = entry;
  const stop = (): void => {
    stopping.abort();
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  try {
    const configuration = await configurationOf(runFolder, resume);
    await train({ configuration, runFolder, resume }, observer, stopping.signal);
  } catch (error) {
    console.error(error);
    await logFailedStart(runFolder, error);
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop);
  }
}

/** A resumed run keeps the configuration of its record; a new one has only its request. */
async function configurationOf(runFolder: string, resume: boolean): Promise<RunConfiguration> {
  const file = join(runFolder, resume ? RUN_FILES.record : RUN_FILES.request);
  const record = JSON.parse(await readFile(file, 'utf8')) as RunRecord | RunRequest;
  return record.configuration;
}

async function withControlFile<T>(runFolder: string, control: RunControl, run: () => Promise<T>): Promise<T> {
  const file = join(runFolder, RUN_FILES.control);
  const unfinished = temporarySibling(file);
  await writeFile(unfinished, JSON.stringify(control), { mode: 0o600, flag: 'wx' });
  await rename(unfinished, file);
  try {
    return await run();
  } finally {
    await rm(file, { force: true });
  }
}
