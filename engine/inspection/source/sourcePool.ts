/** Open sources, shared by requests and kept for the next ones; each is opened anew when its files have changed. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { ConnectionSource, SourceDescription } from '../../protocol/connections/connectionSource.ts';
import { createIdleTimer } from '../pools/idleTimer.ts';
import { LeasePool } from '../pools/leasePool.ts';
import { openAdapterSource } from './adapterSource.ts';
import type { BasePool } from './baseAccess.ts';
import { openCheckpointSource } from './checkpointSource.ts';
import type { OpenSource } from './openSource.ts';
import { runMoments } from './runMoments.ts';
import { openRunSource } from './runSource.ts';
import { openSelectionSource } from './selectionSource.ts';
import { revisionOf, settleSource, type SettledSource } from './settledSource.ts';

/** Unused ones that stay open: a few moments of a slider, and their bases. */
const OPEN_SOURCES = 12;
const OPEN_BASES = 2;
/** Then all are closed: on some systems an open file keeps its folder from being replaced or removed. */
const IDLE_LIMIT_MS = 60_000;

export class SourcePool {
  readonly #sources = new LeasePool<OpenSource>(OPEN_SOURCES);
  readonly #bases: BasePool = new LeasePool<Checkpoint>(OPEN_BASES);
  readonly #idle = createIdleTimer(IDLE_LIMIT_MS, () => void this.close());

  /** @throws ExpectedError where the source cannot be opened */
  async use<R>(source: ConnectionSource, work: (open: OpenSource, revision: string) => Promise<R>): Promise<R> {
    const settled = await settleSource(source);
    const revision = await revisionOf(settled);
    const key = JSON.stringify([settled, revision]);
    const open = (): Promise<OpenSource> => this.#open(settled);
    return this.#idle.during(() => this.#sources.use(key, open, (source) => work(source, revision)));
  }

  async describe(source: ConnectionSource): Promise<SourceDescription> {
    const description = await this.use(source, (open, revision) => Promise.resolve({ ...open.description, revision }));
    const moments = source.kind === 'run' ? await runMoments(source.folder) : [];
    return { ...description, moments };
  }

  /** Closes what no request uses. */
  async close(): Promise<void> {
    await this.#sources.clear();
    await this.#bases.clear();
  }

  #open(source: SettledSource): Promise<OpenSource> {
    switch (source.kind) {
      case 'run':
        return openRunSource(source, this.#bases);
      case 'adapter':
        return openAdapterSource(source.folder, this.#bases);
      case 'selection':
        return openSelectionSource(source);
      case 'checkpoint':
        return openCheckpointSource(source);
    }
  }
}
