/** Things that are costly to open, shared by key and kept open for a while after nobody uses them any more. */

export interface Closable {
  close(): Promise<void>;
}

export interface Lease<T> {
  readonly value: T;
  /** Gives it back; it may be closed from then on. */
  release(): void;
}

interface Member<T> {
  readonly opening: Promise<T>;
  leases: number;
}

export class LeasePool<T extends Closable> {
  readonly #members = new Map<string, Member<T>>();
  readonly #limit: number;

  /** @param limit unused ones that stay open */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The open thing of this key, opened if need be. */
  async lease(key: string, open: () => Promise<T>): Promise<Lease<T>> {
    const member = this.#members.get(key) ?? { opening: open(), leases: 0 };
    // The one used last stands last.
    this.#members.delete(key);
    this.#members.set(key, member);
    member.leases += 1;
    try {
      const value = await member.opening;
      return { value, release: () => this.#giveBack(member) };
    } catch (error) {
      if (this.#members.get(key) === member) this.#members.delete(key);
      throw error;
    }
  }

  async use<R>(key: string, open: () => Promise<T>, work: (value: T) => Promise<R>): Promise<R> {
    const lease = await this.lease(key, open);
    try {
      return await work(lease.value);
    } finally {
      lease.release();
    }
  }

  /** Closes what nobody uses. */
  async clear(): Promise<void> {
    await this.#shrink(0);
  }

  #giveBack(member: Member<T>): void {
    member.leases -= 1;
    // Files that fail to close were only read.
    this.#shrink(this.#limit).catch(() => undefined);
  }

  async #shrink(limit: number): Promise<void> {
    const unused = [...this.#members].filter(([, { leases }]) => leases === 0);
    const excess = unused.slice(0, Math.max(0, unused.length - limit));
    for (const [key] of excess) this.#members.delete(key);
    for (const [, { opening }] of excess) await (await opening).close();
  }
}
