/** Modules' connections that were read last, up to a number of bytes. */
import { CancelledError } from '../errors/expected.ts';
import { entriesBytes, type ModuleEntries } from './entries/moduleEntries.ts';
import type { OpenSource } from './source/openSource.ts';

const LIMIT_BYTES = 24 << 20;

interface Kept {
  readonly reading: Promise<ModuleEntries>;
  sizeBytes: number;
}

export class EntriesCache {
  readonly #numbers = new WeakMap<OpenSource, number>();
  readonly #kept = new Map<string, Kept>();
  #sources = 0;

  /** @throws CancelledError by `signal` alone: when another request cancels a shared reading, it is begun anew */
  async read(source: OpenSource, module: string, signal: AbortSignal): Promise<ModuleEntries> {
    const key = `${this.#numberOf(source)} ${module}`;
    for (;;) {
      try {
        return await this.#keep(key, () => source.readEntries(module, signal)).reading;
      } catch (error) {
        if (!(error instanceof CancelledError) || signal.aborted) throw error;
      }
    }
  }

  /** What is in memory already. */
  peek(source: OpenSource, module: string): Promise<ModuleEntries> | undefined {
    return this.#kept.get(`${this.#numberOf(source)} ${module}`)?.reading;
  }

  #keep(key: string, read: () => Promise<ModuleEntries>): Kept {
    const kept = this.#kept.get(key) ?? { reading: read(), sizeBytes: 0 };
    // The one used last stands last.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    kept.reading.then(
      (entries) => {
        kept.sizeBytes = entriesBytes(entries);
        this.#shrink();
      },
      () => {
        if (this.#kept.get(key) === kept) this.#kept.delete(key);
      },
    );
    return kept;
  }

  #shrink(): void {
    let total = 0;
    for (const { sizeBytes } of this.#kept.values()) total += sizeBytes;
    for (const [key, { sizeBytes }] of this.#kept) {
      if (total <= LIMIT_BYTES || this.#kept.size === 1) return;
      this.#kept.delete(key);
      total -= sizeBytes;
    }
  }

  #numberOf(source: OpenSource): number {
    const number = this.#numbers.get(source) ?? (this.#sources += 1);
    this.#numbers.set(source, number);
    return number;
  }
}
