/** What a benchmark reports: measures and the bars that they are held against, one line of JSON each. */

export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** In words; empty where a measure is reported for its own sake. */
  readonly bar: string;
  readonly isMet: boolean;
}

export function atLeast(bar: number, name: string, value: number, unit = ''): BenchRow {
  return { name, value, unit, bar: `>= ${String(bar)}`, isMet: value >= bar };
}

export function atMost(bar: number, name: string, value: number, unit = ''): BenchRow {
  return { name, value, unit, bar: `<= ${String(bar)}`, isMet: value <= bar };
}

/** A measure without a bar. */
export function informative(name: string, value: number, unit = ''): BenchRow {
  return { name, value, unit, bar: '', isMet: true };
}

/** Hands rows to whoever started this program. */
export function report(...rows: readonly BenchRow[]): void {
  for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
}
