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
  /** The same of the processor time of all threads, which other load on the machine touches little. */
  readonly processorRatio: number;
  readonly firstMs: number;
  readonly secondMs: number;
}

/** Elapsed time and processor time of all threads, in milliseconds. */
interface Taken {
  readonly elapsedMs: number;
  readonly processorMs: number;
}

async function taken(work: () => Promise<unknown>): Promise<Taken> {
  const before = process.cpuUsage();
  const elapsedMs = await timed(work);
  const { user, system } = process.cpuUsage(before);
  return { elapsedMs, processorMs: (user + system) / 1000 };
}

/** Rounds of `first` and `second`, each round in the other order than the last one; round 0 warms up and is left out. */
export async function interleaved(
  rounds: number,
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<Pairs> {
  const firsts: Taken[] = [];
  const seconds: Taken[] = [];
  for (let round = 0; round <= rounds; round++) {
    const isFirstBefore = round % 2 === 0;
    const early = await taken(isFirstBefore ? first : second);
    const late = await taken(isFirstBefore ? second : first);
    if (round === 0) continue;
    firsts.push(isFirstBefore ? early : late);
    seconds.push(isFirstBefore ? late : early);
  }
  const ratioOf = (measure: keyof Taken): number =>
    median(firsts.map((times, round) => times[measure] / (seconds[round]?.[measure] ?? NaN)));
  return {
    ratio: ratioOf('elapsedMs'),
    processorRatio: ratioOf('processorMs'),
    firstMs: median(firsts.map(({ elapsedMs }) => elapsedMs)),
    secondMs: median(seconds.map(({ elapsedMs }) => elapsedMs)),
  };
}
