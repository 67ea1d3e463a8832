/** Measures of modules for the overview, each computed once as long as its source stays open. */
import { CancelledError } from '../errors/expected.ts';
import type { Overview } from '../protocol/inspection.ts';
import { createBufferArena } from '../checkpoint/bufferArena.ts';
import type { EntriesCache } from './entriesCache.ts';
import { moduleMeasures, overviewOf, type ModuleMeasures } from './overview.ts';
import type { OpenSource } from './source/openSource.ts';

/** Modules that are read at a time: one is computed on while the next one comes. */
const PARALLEL_READS = 2;

export class OverviewReader {
  readonly #known = new WeakMap<OpenSource, Map<string, ModuleMeasures>>();
  readonly #cache: EntriesCache;

  constructor(cache: EntriesCache) {
    this.#cache = cache;
  }

  async read(source: OpenSource, modules: readonly string[], signal: AbortSignal): Promise<Overview> {
    const known = this.#known.get(source) ?? new Map<string, ModuleMeasures>();
    this.#known.set(source, known);
    const missing = modules.filter((module) => !known.has(module)).values();
    const work = async (): Promise<void> => {
      const arena = createBufferArena();
      for (const module of missing) {
        if (signal.aborted) throw new CancelledError();
        // A pass over all modules would drive out of the cache what is looked at.
        const kept = this.#cache.peek(source, module);
        arena.reset();
        known.set(module, moduleMeasures(await (kept ?? source.readEntries(module, signal, arena.allocate))));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_READS }, work));
    return overviewOf(modules.map((module) => known.get(module)!));
  }
}
