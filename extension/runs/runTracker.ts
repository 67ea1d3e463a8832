/** Keeps one run's snapshot true to its folder: reads the log on, links to the live process, notices its end. */
import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { FINAL_STATUSES, type RunEvent } from '../../engine/protocol/events.ts';
import { RUN_FILES } from '../../engine/protocol/runFolder.ts';
import { applyRunEvent, EMPTY_RUN_SUMMARY } from '../../engine/protocol/runSummary.ts';
import type { EngineConnection } from '../engine/engineConnection.ts';
import { connectRun } from '../engine/runLink.ts';
import { recordDeath } from './deathRecord.ts';
import { LogReader } from './logReader.ts';
import { readRunDriver } from './processLiveness.ts';
import { readQuickSummary } from './quickSummary.ts';
import type { QueuePlace, Run } from './run.ts';
import { readRunIdentity } from './runIdentity.ts';

export interface TrackerObserver {
  onChange(run: Run, events: readonly RunEvent[]): void;
  /** The folder is no run any more. */
  onGone(folder: string): void;
  onError(folder: string, error: unknown): void;
}

const READ_INTERVAL_MS = 100;
/** Time for the window that started a process to tell how it ended, before another one records the death. */
const DEATH_GRACE_MS = 1_000;

export class RunTracker {
  readonly folder: string;
  readonly #observer: TrackerObserver;
  #run: Run | undefined;
  #reader: LogReader | undefined;
  #connection: EngineConnection | undefined;
  #watcher: FSWatcher | undefined;
  #readTimer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(folder: string, observer: TrackerObserver) {
    this.folder = folder;
    this.#observer = observer;
  }

  get run(): Run | undefined {
    return this.#run;
  }

  get connection(): EngineConnection | undefined {
    return this.#connection;
  }

  /** Looks at the whole folder again. */
  refresh(): Promise<void> {
    return this.#enqueue(() => this.#refresh());
  }

  /** Reads the whole log where only head and tail were read. */
  complete(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#run?.isPartial !== true) return;
      this.#reader = new LogReader(join(this.folder, RUN_FILES.events));
      this.#set({ summary: EMPTY_RUN_SUMMARY, isPartial: false }, []);
      await this.#readOn();
    });
  }

  setQueued(queued: QueuePlace | undefined): void {
    if (this.#run !== undefined) this.#set({ queued }, []);
  }

  /** The process of the run ended in this way, as its starter saw. */
  died(how: string | undefined): Promise<void> {
    return this.#enqueue(async () => {
      await this.#refresh();
      if (this.#run === undefined || this.#run.liveness === 'alive') return;
      if (FINAL_STATUSES.includes(this.#run.summary.status) && this.#run.hasLog) return;
      if (await recordDeath(this.folder, how)) await this.#refresh();
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#unlink();
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(async () => {
      if (this.#isDisposed) return;
      try {
        await work();
      } catch (error) {
        this.#observer.onError(this.folder, error);
      }
    });
    return this.#work;
  }

  async #refresh(): Promise<void> {
    const identity = await readRunIdentity(this.folder);
    if (identity === undefined) {
      this.#unlink();
      this.#run = undefined;
      this.#observer.onGone(this.folder);
      return;
    }
    this.#run ??= {
      folder: this.folder,
      identity,
      summary: EMPTY_RUN_SUMMARY,
      isPartial: false,
      hasLog: false,
      damage: undefined,
      liveness: 'absent',
      queued: undefined,
      progress: undefined,
    };
    this.#run = { ...this.#run, identity };
    await this.#readOn();
    await this.#checkProcess();
  }

  async #readOn(): Promise<void> {
    if (this.#reader === undefined) {
      const file = join(this.folder, RUN_FILES.events);
      const quick = await readQuickSummary(file);
      if (quick === undefined) {
        this.#set({ hasLog: false, summary: EMPTY_RUN_SUMMARY }, []);
        return;
      }
      const { summary, isPartial, offset, damage } = quick;
      this.#reader = new LogReader(file, offset);
      this.#set({ summary, isPartial, damage, hasLog: true }, []);
      return;
    }
    try {
      const { events, isRestart, damage } = await this.#reader.read();
      const start = isRestart ? EMPTY_RUN_SUMMARY : this.#run!.summary;
      this.#set({ summary: events.reduce(applyRunEvent, start), damage: damage?.message, hasLog: true }, events);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.#reader = undefined;
      this.#set({ hasLog: false, summary: EMPTY_RUN_SUMMARY }, []);
    }
  }

  async #checkProcess(): Promise<void> {
    if (this.#connection !== undefined) return;
    const link = await connectRun(this.folder);
    if (link === 'dead') {
      this.#set({ liveness: 'dead' }, []);
      this.#expectDeath();
    } else if (link === 'none') {
      const { liveness } = await readRunDriver(this.folder);
      this.#set({ liveness, progress: undefined }, []);
      if (liveness === 'alive') this.#watch();
      else this.#unlink();
    } else {
      this.#link(link);
    }
  }

  #link(connection: EngineConnection): void {
    this.#connection = connection;
    this.#watch();
    this.#set({ liveness: 'alive', progress: connection.hello.progress }, []);
    connection.onNotification('appended', () => this.#readSoon());
    connection.onNotification('progress', (progress) => this.#set({ progress }, []));
    void connection.closed.then(async () => {
      if (this.#connection !== connection) return;
      this.#unlink();
      await this.refresh();
    });
  }

  /** Another window may have started the process and know how it ended: it goes first. */
  #expectDeath(): void {
    setTimeout(() => void this.died(undefined), DEATH_GRACE_MS).unref();
  }

  #watch(): void {
    if (this.#watcher !== undefined) return;
    this.#watcher = watch(this.folder, { persistent: false }, (_, name) => {
      if (name === RUN_FILES.events) this.#readSoon();
      else if (name === RUN_FILES.process || name === RUN_FILES.control) void this.refresh();
    });
    this.#watcher.on('error', () => this.#watcher?.close());
  }

  #unlink(): void {
    this.#connection?.dispose();
    this.#connection = undefined;
    this.#watcher?.close();
    this.#watcher = undefined;
    clearTimeout(this.#readTimer);
    this.#readTimer = undefined;
  }

  #readSoon(): void {
    this.#readTimer ??= setTimeout(() => {
      this.#readTimer = undefined;
      void this.#enqueue(() => (this.#run === undefined ? this.#refresh() : this.#readOn()));
    }, READ_INTERVAL_MS);
  }

  #set(change: Partial<Run>, events: readonly RunEvent[]): void {
    this.#run = { ...this.#run!, ...change };
    this.#observer.onChange(this.#run, events);
  }
}
