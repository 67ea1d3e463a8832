/** Round numbers that a chart's axis shows; the first and the last enclose the values. */

/** Steps between ticks, at most. */
const WANTED = 6;

/** At least two, evenly spaced by 1, 2 or 5 times a power of ten. */
export function linearTicks(values: readonly number[]): readonly number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high > low ? high - low : Math.max(Math.abs(low), 1) * 0.1;
  const power = 10 ** Math.floor(Math.log10(span / WANTED));
  const step = power * ([1, 2, 5, 10].find((factor) => span / (factor * power) <= WANTED) ?? 10);
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Powers of ten times 1, 2 and 5 around positive values; powers of ten alone where these would be many. */
export function logTicks(values: readonly number[]): readonly number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const decades = Math.log10(high / low);
  const factors = decades > 2 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)) + 1; power += 1) {
    for (const factor of factors) ticks.push(Number((factor * 10 ** power).toPrecision(12)));
  }
  const first = ticks.findLastIndex((tick) => tick <= low);
  const last = ticks.findIndex((tick) => tick >= high);
  return first === last ? ticks.slice(first - 1, last + 2) : ticks.slice(first, last + 1);
}
