/** Follows a growing event log: everything written so far, then each new event as its line is completed. */
import { watch, type FSWatcher } from 'node:fs';
import { ExpectedError } from '../errors/expected.ts';
import type { RunEvent } from '../protocol/runs/events.ts';
import { EventReader } from './eventReader.ts';

/** The log is looked at this often in any case, since network folders and some systems report no changes. */
const LOOK_INTERVAL_MS = 500;

/**
 * Calls `onEvent` for every event of the log in order, `resumed` events included, and returns when `signal` aborts or
 * the log is deleted. The log may not exist yet.
 * @throws ExpectedError `run/newerEventLog`, `run/damagedEventLog`, `run/replacedEventLog`
 */
export async function followEvents(
  path: string,
  onEvent: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const reader = new EventReader(path);
  const bell = new Bell();
  const onAbort = (): void => bell.ring();
  signal.addEventListener('abort', onAbort);
  let watcher: FSWatcher | undefined;
  try {
    let existed = false;
    while (!signal.aborted) {
      watcher ??= watchFile(path, () => bell.ring());
      const exists = await readNew(reader, onEvent, signal);
      if (existed && !exists) return;
      existed = exists;
      await bell.rung(LOOK_INTERVAL_MS);
    }
  } finally {
    watcher?.close();
    signal.removeEventListener('abort', onAbort);
  }
}

/** Returns whether the log exists. */
async function readNew(reader: EventReader, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const event of reader.readNew()) {
      if (signal.aborted) break;
      onEvent(event);
    }
    return true;
  } catch (error) {
    if (error instanceof ExpectedError && error.code === 'files/ENOENT') return false;
    throw error;
  }
}

/** Watches where the system can; elsewhere, and before the file exists, the interval alone drives the follower. */
function watchFile(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, { persistent: false }, onChange);
    watcher.on('error', onChange);
    return watcher;
  } catch {
    return undefined;
  }
}

/** Wakes one waiter; a ring while nobody waits is kept for the next. */
class Bell {
  #hasRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, at once where one is kept, or after `limitMs`. */
  async rung(limitMs: number): Promise<void> {
    if (!this.#hasRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#hasRung = false;
    this.#wake = undefined;
  }
}
