/** All runs that the editor knows, and word of every change, gathered so that a burst of events costs one update. */
import { setImmediate as immediate } from 'node:timers/promises';
import type { RunEvent } from '../../engine/protocol/runs/events.ts';
import type { EngineConnection } from '../engine/engineConnection.ts';
import type { QueuedRun } from '../queue/queueFolder.ts';
import { Listeners, type Subscription } from './listeners.ts';
import type { QueuePlace, Run } from './run.ts';
import { RunTracker } from './runTracker.ts';

/** What changed: runs by folder, and whether runs came or went. */
export interface RunChange {
  readonly folders: ReadonlySet<string>;
  readonly isListChange: boolean;
}

const CHANGE_INTERVAL_MS = 100;
/** Listing many runs lets other work in after so long. */
const SLICE_MS = 20;

export class RunStore {
  readonly #trackers = new Map<string, RunTracker>();
  readonly #changes = new Listeners<RunChange>();
  readonly #events = new Listeners<{ run: Run; events: readonly RunEvent[] }>();
  readonly #onError: (folder: string, error: unknown) => void;
  readonly #mayAct: () => boolean;
  #places = new Map<string, QueuePlace>();
  #changed = new Set<string>();
  #isListChange = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param mayAct whether the window may talk to processes and write into run folders: not where it trusts no file */
  constructor(onError: (folder: string, error: unknown) => void, mayAct: () => boolean = () => true) {
    this.#onError = onError;
    this.#mayAct = mayAct;
  }

  list(): Run[] {
    return [...this.#trackers.values()].map((tracker) => tracker.run).filter((run) => run !== undefined);
  }

  get(folder: string): Run | undefined {
    return this.#trackers.get(folder)?.run;
  }

  /** The live process of the run, where it offers control. */
  connectionOf(folder: string): EngineConnection | undefined {
    return this.#trackers.get(folder)?.connection;
  }

  onDidChange(listener: (change: RunChange) => void): Subscription {
    return this.#changes.add(listener);
  }

  /** Every event read from the log of a run after it was listed. */
  onEvents(listener: (news: { run: Run; events: readonly RunEvent[] }) => void): Subscription {
    return this.#events.add(listener);
  }

  /** Looks at a folder that is or was a run. */
  async refresh(folder: string): Promise<void> {
    let tracker = this.#trackers.get(folder);
    if (tracker === undefined) {
      tracker = this.#track(folder);
      this.#trackers.set(folder, tracker);
    }
    await tracker.refresh();
  }

  async refreshAll(folders: readonly string[]): Promise<void> {
    let sliceStart = performance.now();
    for (const folder of folders) {
      await this.refresh(folder);
      if (performance.now() - sliceStart < SLICE_MS) continue;
      await immediate();
      sliceStart = performance.now();
    }
  }

  /** Looks at every known run again. */
  refreshKnown(): Promise<void> {
    return this.refreshAll([...this.#trackers.keys()]);
  }

  /** Reads the long logs that were read in part. */
  async completeAll(): Promise<void> {
    for (const tracker of [...this.#trackers.values()]) await tracker.complete();
  }

  async complete(folder: string): Promise<void> {
    await this.#trackers.get(folder)?.complete();
  }

  async died(folder: string, how: string): Promise<void> {
    await this.#trackers.get(folder)?.died(how);
  }

  /** The run was asked to stop: shown until its process has ended. */
  setStopping(folder: string): void {
    this.#trackers.get(folder)?.setStopping();
  }

  /** The run was taken out of the queue by this window, which need not wait to hear of it. */
  leaveQueue(folder: string): Promise<void> {
    this.#trackers.get(folder)?.setQueued(undefined);
    return this.refresh(folder);
  }

  setQueue(queue: readonly QueuedRun[]): void {
    const counts = new Map<string, number>();
    const places = new Map<string, QueuePlace>();
    for (const { runFolder, entryName, device, resume } of queue) {
      const place = (counts.get(device) ?? 0) + 1;
      counts.set(device, place);
      places.set(runFolder, { entryName, place, device, resume });
    }
    const before = this.#places;
    this.#places = places;
    for (const folder of new Set([...before.keys(), ...places.keys()])) {
      this.#trackers.get(folder)?.setQueued(places.get(folder));
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const tracker of this.#trackers.values()) tracker.dispose();
    this.#trackers.clear();
  }

  #track(folder: string): RunTracker {
    let isNew = true;
    return new RunTracker(folder, {
      onChange: (run, events) => {
        if (isNew) {
          isNew = false;
          this.#isListChange = true;
          const place = this.#places.get(folder);
          if (place !== undefined) this.#trackers.get(folder)?.setQueued(place);
        }
        this.#noteChange(folder);
        if (events.length > 0) this.#events.fire({ run, events });
      },
      onGone: () => {
        this.#trackers.get(folder)?.dispose();
        this.#trackers.delete(folder);
        if (isNew) return;
        this.#isListChange = true;
        this.#noteChange(folder);
      },
      onError: this.#onError,
      mayAct: this.#mayAct,
    });
  }

  #noteChange(folder: string): void {
    this.#changed.add(folder);
    this.#timer ??= setTimeout(() => {
      const change = { folders: this.#changed, isListChange: this.#isListChange };
      this.#timer = undefined;
      this.#changed = new Set();
      this.#isListChange = false;
      this.#changes.fire(change);
    }, CHANGE_INTERVAL_MS);
  }
}
