/** Times on a machine that is never quite still: medians of pairs that are measured right after one another. */

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Milliseconds that a piece of work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export interface Pairs {
  /** Median of first / second over the rounds. */
  readonly ratio: number;
  readonly firstMs: number;
  readonly secondMs: number;
}

/** Rounds of `first` and `second`, each round in the other order than the last one; round 0 warms up and is left out. */
export async function interleaved(
  rounds: number,
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<Pairs> {
  const firstTimes: number[] = [];
  const secondTimes: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const isFirstBefore = round % 2 === 0;
    const early = await timed(isFirstBefore ? first : second);
    const late = await timed(isFirstBefore ? second : first);
    if (round === 0) continue;
    firstTimes.push(isFirstBefore ? early : late);
    secondTimes.push(isFirstBefore ? late : early);
  }
  return {
    ratio: median(firstTimes.map((ms, round) => ms / (secondTimes[round] ?? NaN))),
    firstMs: median(firstTimes),
    secondMs: median(secondTimes),
  };
}
