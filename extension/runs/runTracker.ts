/** Keeps one run's snapshot true to its folder: reads the log on, links to the live process, notices its end. */
import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { FINAL_STATUSES, type RunEvent } from '../../engine/protocol/runs/events.ts';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import { applyRunEvent, EMPTY_RUN_SUMMARY, reduceRun } from '../../engine/protocol/runs/runSummary.ts';
import type { EngineConnection } from '../engine/engineConnection.ts';
import { connectRun, offersControl } from '../engine/runLink.ts';
import { recordDeath } from './endRecord.ts';
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
  /** Whether the window may talk to the run's process and write into its folder. */
  mayAct(): boolean;
}

const READ_INTERVAL_MS = 100;
/** Time for the supervisor of a process to tell how it ended, before a window records the death. */
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
  /** Control file and process record name no process that lives. */
  #isProcessGone = false;
  #isDeathExpected = false;
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
      const reader = new LogReader(join(this.folder, RUN_FILES.events));
      const { events, damage } = await reader.read(true);
      this.#reader = reader;
      this.#set({ summary: reduceRun(events), isPartial: false, damage: damage?.message }, []);
    });
  }

  setQueued(queued: QueuePlace | undefined): void {
    if (this.#run === undefined) return;
    if (queued !== undefined) this.#set({ queued }, []);
    else this.#leaveQueue();
  }

  /** The run was asked to stop: shown until its process has ended. */
  setStopping(): void {
    if (this.#run !== undefined) this.#set({ isStopping: true }, []);
  }

  /** The process of the run ended in this way, as its starter saw. */
  died(how: string | undefined): Promise<void> {
    return this.#enqueue(async () => {
      await this.#refresh();
      this.#isDeathExpected = false;
      if (this.#run === undefined || (this.#run.liveness === 'alive' && !this.#isProcessGone)) return;
      if (this.#hasEnded()) return;
      if (await recordDeath(this.folder, how)) await this.#refresh();
      if (!this.#hasEnded()) this.#set({ liveness: 'dead', linkedTime: undefined }, []);
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
    const identity = readRunIdentity(this.folder);
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
      linkedTime: undefined,
      isStopping: false,
      progress: undefined,
    };
    this.#run = { ...this.#run, identity };
    await this.#readOn();
    await this.#checkProcess();
  }

  /**
   * A process has taken the run, or somebody stopped it: which, the folder tells. A process that took it has written its
   * control file; it may be too busy to answer for a while, which no row waits for.
   */
  #leaveQueue(): void {
    if (offersControl(this.folder)) {
      // Of a run that is resumed the log still ends with its earlier end.
      const linkedTime = (this.#run?.summary.updatedTime ?? 0) + 1;
      this.#set({ queued: undefined, liveness: 'alive', linkedTime }, []);
    }
    void this.#enqueue(async () => {
      try {
        await this.#refresh();
      } finally {
        if (this.#run?.queued !== undefined) this.#set({ queued: undefined }, []);
      }
    });
  }

  async #readOn(): Promise<void> {
    if (this.#reader === undefined) {
      const file = join(this.folder, RUN_FILES.events);
      const quick = readQuickSummary(file);
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
    const link = this.#observer.mayAct() ? await connectRun(this.folder) : 'none';
    if (typeof link === 'object') {
      this.#link(link);
      return;
    }
    const liveness = link === 'dead' ? link : readRunDriver(this.folder).liveness;
    this.#isProcessGone = liveness === 'dead' || liveness === 'absent';
    const wasAlive = this.#run!.liveness === 'alive';
    if (liveness === 'alive') {
      this.#set({ liveness, linkedTime: undefined, progress: undefined }, []);
      this.#watch();
    } else if (!this.#hasEnded() && (liveness === 'dead' || (wasAlive && liveness === 'absent'))) {
      // A run that was seen alive shows as it was until it is known how it ended.
      this.#set({ isStopping: false, progress: undefined, ...(wasAlive ? {} : { liveness }) }, []);
      if (wasAlive || link === 'dead') this.#expectDeath();
    } else {
      const isStopping = this.#run!.isStopping && !this.#hasEnded();
      this.#set({ liveness, linkedTime: undefined, progress: undefined, isStopping }, []);
      this.#unlink();
    }
  }

  /** Whether the log tells how the run ended: the log of a run that was just resumed ends with its earlier end. */
  #hasEnded(): boolean {
    const { hasLog, summary, linkedTime = 0 } = this.#run!;
    return hasLog && FINAL_STATUSES.includes(summary.status) && (summary.updatedTime ?? 0) >= linkedTime;
  }

  #link(connection: EngineConnection): void {
    this.#connection = connection;
    this.#watch();
    this.#set({ liveness: 'alive', linkedTime: Date.now(), progress: connection.hello.progress }, []);
    connection.onNotification('appended', () => this.#readSoon());
    connection.onNotification('progress', (progress) => this.#set({ progress }, []));
    void connection.closed.then(async () => {
      if (this.#connection !== connection) return;
      this.#unlink();
      await this.refresh();
    });
  }

  /** The process's supervisor, or the window that started it, knows how it ended and goes first. */
  #expectDeath(): void {
    if (this.#isDeathExpected) return;
    this.#isDeathExpected = true;
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
