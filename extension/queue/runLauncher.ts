/**
 * Starts runs: every run goes through the queue, and the first one that waits for a free device is started. The process
 * of a run starts the next one itself when it ends; a window does so when it opens and when it sees a run end.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import type { ProcessEnd } from '../../engine/protocol/runs/processDeath.ts';
import { QUEUE_SCHEMA_VERSION, type RunRequest } from '../../engine/protocol/runs/queue.ts';
import { RUN_EXIT_CODES } from '../../engine/protocol/rpc.ts';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import type { EngineCommand } from '../engine/engineLocation.ts';
import type { StartedProcessEnd } from '../engine/engineProcess.ts';
import { dequeue, enqueue, isDeviceBusy, readQueue, type QueuedRun } from './queueFolder.ts';

export interface NewRun {
  readonly name: string;
  readonly configuration: RunConfiguration;
  /** Must not exist yet. */
  readonly runFolder: string;
  /** The device that the run will hold; never `auto`. */
  readonly device: string;
}

export interface LauncherObserver {
  /** The process of the run, started by this window, ended otherwise than by its own will. */
  onDeath(runFolder: string, end: ProcessEnd): void;
  onQueueChange(): void;
  onError(error: unknown): void;
}

export class RunLauncher {
  readonly #queueFolder: string;
  readonly #command: EngineCommand;
  readonly #observer: LauncherObserver;
  /** Entries that this window has started a process for. */
  readonly #started = new Set<string>();
  #starting: Promise<void> = Promise.resolve();

  constructor(queueFolder: string, command: EngineCommand, observer: LauncherObserver) {
    this.#queueFolder = queueFolder;
    this.#command = command;
    this.#observer = observer;
  }

  /** Creates the run's folder with its request, queues the run, and starts it if its device is free. */
  async launch(run: NewRun): Promise<void> {
    const { name, configuration, runFolder, device } = run;
    await mkdir(runFolder, { recursive: true });
    const request: RunRequest = { schemaVersion: QUEUE_SCHEMA_VERSION, name, createdTime: Date.now(), configuration };
    const file = join(runFolder, RUN_FILES.request);
    await writeFile(file, `${JSON.stringify(request, undefined, 2)}\n`, { flag: 'wx' });
    await this.#queue(runFolder, device, false);
  }

  /** Queues the run to go on from its newest checkpoint, or from the start where it has no record yet. */
  async resume(runFolder: string, device: string, hasRecord: boolean): Promise<void> {
    if (!hasRecord) await rm(join(runFolder, RUN_FILES.events), { force: true });
    await this.#queue(runFolder, device, hasRecord);
  }

  /** Starts the first run of every device that is free; calls are served one after the other. */
  startWaiting(): Promise<void> {
    const starting = this.#starting.then(() => this.#startWaitingNow());
    this.#starting = starting.catch(() => undefined);
    return starting;
  }

  async #startWaitingNow(): Promise<void> {
    const devices = new Set<string>();
    for (const entry of await readQueue(this.#queueFolder)) {
      if (devices.has(entry.device)) continue;
      if (!existsSync(entry.runFolder)) {
        await dequeue(this.#queueFolder, entry.entryName);
        continue;
      }
      devices.add(entry.device);
      if (this.#started.has(entry.entryName) || (await isDeviceBusy(this.#queueFolder, entry.device))) continue;
      await this.#start(entry);
    }
  }

  async #queue(runFolder: string, device: string, resume: boolean): Promise<void> {
    await enqueue(this.#queueFolder, { runFolder, device, resume });
    this.#observer.onQueueChange();
    await this.startWaiting();
  }

  async #start(entry: QueuedRun): Promise<void> {
    this.#started.add(entry.entryName);
    const { startRunProcess } = await import('../engine/engineProcess.ts');
    const log = join(entry.runFolder, RUN_FILES.log);
    const running = await startRunProcess(this.#command, ['run', this.#queueFolder, entry.entryName], log);
    void this.#watchEnd(entry, running.ended);
  }

  async #watchEnd(entry: QueuedRun, ended: Promise<StartedProcessEnd>): Promise<void> {
    const { exitCode, signal, startError } = await ended;
    this.#started.delete(entry.entryName);
    if (startError !== undefined) {
      await dequeue(this.#queueFolder, entry.entryName);
      this.#observer.onError(new Error(`The engine could not start for ${basename(entry.runFolder)}: ${startError}`));
      return;
    }
    if (exitCode === RUN_EXIT_CODES.deviceBusy) return;
    if (exitCode !== RUN_EXIT_CODES.ended) {
      // A process that died early has not taken its entry: left there it would be started, and die, again and again.
      await dequeue(this.#queueFolder, entry.entryName);
      this.#observer.onDeath(entry.runFolder, { exitCode, signal });
    }
    this.startWaiting().catch((error: unknown) => {
      this.#observer.onError(error);
    });
  }
}
