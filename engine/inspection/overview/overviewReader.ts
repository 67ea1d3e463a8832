/** Measures of modules for the overview, each computed once as long as its source stays open. */
import { CancelledError } from '../../errors/expected.ts';
import type { Overview } from '../../protocol/connections/inspection.ts';
import { createBufferArena } from '../../checkpoint/safetensors/bufferArena.ts';
import type { EntriesCache } from '../entriesCache.ts';
import { moduleMeasures, overviewOf, type ModuleMeasures } from './overview.ts';
import type { OpenSource } from '../source/openSource.ts';
import { WorkspacePool } from '../pools/workspacePool.ts';

/** Modules that are read at a time, by all requests: one is computed on while the next one comes. */
const PARALLEL_READS = 2;

export class OverviewReader {
  readonly #known = new WeakMap<OpenSource, Map<string, ModuleMeasures>>();
  readonly #cache: EntriesCache;
  readonly #arenas = new WorkspacePool(PARALLEL_READS, createBufferArena);

  constructor(cache: EntriesCache) {
    this.#cache = cache;
  }

  async read(source: OpenSource, modules: readonly string[], signal: AbortSignal): Promise<Overview> {
    const known = this.#known.get(source) ?? new Map<string, ModuleMeasures>();
    this.#known.set(source, known);
    const missing = modules.filter((module) => !known.has(module)).values();
    const measure = async (module: string): Promise<void> =>
      this.#arenas.use(async (arena) => {
        if (signal.aborted) throw new CancelledError();
        // A pass over all modules would drive out of the cache what is looked at.
        const kept = this.#cache.peek(source, module);
        arena.reset();
        known.set(module, moduleMeasures(await (kept ?? source.readEntries(module, signal, arena.allocate))));
      });
    const work = async (): Promise<void> => {
      for (const module of missing) await measure(module);
    };
    await Promise.all(Array.from({ length: PARALLEL_READS }, work));
    return overviewOf(modules.map((module) => known.get(module)!));
  }
}
