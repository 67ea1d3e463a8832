/** Keeps what was used last within a number of bytes; what is in use now is never dropped. */

export class TileCache<T extends { readonly sizeBytes: number }> {
  /** In the order of use, the oldest first. */
  readonly #entries = new Map<string, T>();
  readonly #limitBytes: number;
  readonly #onDrop: (entry: T) => void;
  #sizeBytes = 0;

  /** @param onDrop called with each entry that is no longer kept */
  constructor(limitBytes: number, onDrop: (entry: T) => void) {
    this.#limitBytes = limitBytes;
    this.#onDrop = onDrop;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Counts as a use. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Adds an entry and drops the oldest that nobody needs, until the rest fits. */
  put(key: string, entry: T, isNeeded: (key: string) => boolean): void {
    this.#remove(key);
    this.#entries.set(key, entry);
    this.#sizeBytes += entry.sizeBytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#sizeBytes <= this.#limitBytes) return;
      if (oldest !== key && !isNeeded(oldest)) this.#remove(oldest);
    }
  }

  values(): IterableIterator<T> {
    return this.#entries.values();
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.#remove(key);
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#sizeBytes -= entry.sizeBytes;
    this.#entries.delete(key);
    this.#onDrop(entry);
  }
}
