/** Follows the whole log of one run: every step since the first, and what is appended from now on. */
import { join } from 'node:path';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import { LogReader } from '../runs/logReader.ts';
import { RunSeries } from './runSeries.ts';

export class SeriesFollower {
  readonly folder: string;
  readonly #reader: LogReader;
  #series = new RunSeries();
  #isRead = false;

  constructor(folder: string) {
    this.folder = folder;
    this.#reader = new LogReader(join(folder, RUN_FILES.events));
  }

  get series(): RunSeries {
    return this.#series;
  }

  /** Whether the log was read to its end at least once. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Reads what is new; returns whether there was anything. A run that waits in the queue has no log yet. */
  async readOn(): Promise<boolean> {
    try {
      const { events, isRestart } = await this.#reader.read();
      const isFirst = !this.#isRead;
      if (isRestart) this.#series = new RunSeries();
      for (const event of events) this.#series.append(event);
      this.#isRead = true;
      return isFirst || isRestart || events.length > 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return false;
    }
  }
}
