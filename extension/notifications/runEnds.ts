/** Tells which runs came to an end while the window watched: a pure function of what is seen of them, one after another. */
import type { ShownStatus } from '../../engine/protocol/webview.ts';
import { shownStatus, type Run } from '../runs/run.ts';

export type EndStatus = 'finished' | 'stopped' | 'failed' | 'interrupted';

const END_STATUSES: readonly ShownStatus[] = ['finished', 'stopped', 'failed', 'interrupted'];

export class RunEnds {
  /** Last seen status by folder. */
  readonly #seen = new Map<string, ShownStatus>();

  /** Returns how the run ended if it was going on when it was seen last; a run that is seen first has not ended now. */
  see(run: Run): EndStatus | undefined {
    const status = shownStatus(run);
    const before = this.#seen.get(run.folder);
    this.#seen.set(run.folder, status);
    if (before === undefined || isEnd(before)) return undefined;
    return isEnd(status) ? status : undefined;
  }

  forget(folder: string): void {
    this.#seen.delete(folder);
  }
}

export function isEnd(status: ShownStatus): status is EndStatus {
  return END_STATUSES.includes(status);
}
