/** Does something once nothing has been under way for a while. */

export interface IdleTimer {
  /** Counts the work as under way until it ends. */
  during<T>(work: () => Promise<T>): Promise<T>;
}

export function createIdleTimer(delayMs: number, onIdle: () => void): IdleTimer {
  let underWay = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    async during(work) {
      clearTimeout(timer);
      underWay += 1;
      try {
        return await work();
      } finally {
        underWay -= 1;
        clearTimeout(timer);
        // It keeps no process alive that has nothing else to do.
        if (underWay === 0) timer = setTimeout(onIdle, delayMs).unref();
      }
    },
  };
}
