/** Memory to work in, shared by all requests: so many pieces are in use at a time, whoever needs another one waits in line. */

export class WorkspacePool<T> {
  readonly #free: T[];
  readonly #waiting: ((workspace: T) => void)[] = [];

  /** @param make the pieces, which live as long as the pool */
  constructor(count: number, make: () => T) {
    this.#free = Array.from({ length: count }, make);
  }

  /** Works with a piece, whose content is arbitrary at first. */
  async use<R>(work: (workspace: T) => Promise<R>): Promise<R> {
    const workspace = this.#free.pop() ?? (await new Promise<T>((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(workspace);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(workspace);
      else next(workspace);
    }
  }
}
