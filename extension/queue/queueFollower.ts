/** Follows the queue's folder, which every window and every run's process of the user writes to. */
import { watch, type FSWatcher } from 'node:fs';
import { makeQueueFolder, readQueue, type QueuedRun } from './queueFolder.ts';

export interface QueueObserver {
  onChange(queue: readonly QueuedRun[]): void;
  onError(error: unknown): void;
}

const READ_DELAY_MS = 50;

export class QueueFollower {
  readonly #folder: string;
  readonly #observer: QueueObserver;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(folder: string, observer: QueueObserver) {
    this.#folder = folder;
    this.#observer = observer;
  }

  /** Reads the queue and tells of every change from now on. */
  async start(): Promise<void> {
    await makeQueueFolder(this.#folder);
    // Watched before it is read: an entry that goes in between would else be shown for ever.
    this.#watcher ??= watch(this.#folder, { persistent: false }, () => this.#readSoon());
    this.#watcher.on('error', (error) => this.#observer.onError(error));
    await this.read();
  }

  /** Reads the queue now; calls are served one after the other. */
  read(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      try {
        this.#observer.onChange(await readQueue(this.#folder));
      } catch (error) {
        this.#observer.onError(error);
      }
    });
    return this.#reading;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#watcher?.close();
  }

  #readSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.read();
    }, READ_DELAY_MS);
  }
}
