/** Confidence intervals of 95 %: Wilson's for a share of examples, the percentile bootstrap for everything else. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { ConfidenceInterval } from '../../protocol/answers/evaluation.ts';

/** The 97.5th percentile of the normal distribution. */
const Z = 1.959963984540054;

const RESAMPLES = 1000;
const SEED = 20_251_018;

/** Wilson's score interval (1927) of `count` among `total`, which holds near 0 and 1 and for few examples, too. */
export function wilsonInterval(count: number, total: number): ConfidenceInterval {
  const share = count / total;
  const spread = (Z * Z) / total;
  const centre = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / total + spread / (4 * total));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half), method: 'wilson' };
}

/**
 * The 2.5th and 97.5th percentile of a statistic over examples drawn with replacement; the same every time. Resamples for
 * which the statistic is undefined (NaN) are left out.
 */
export function bootstrapInterval<T>(
  examples: readonly T[],
  statistic: (sample: readonly T[]) => number,
): ConfidenceInterval {
  const random = xoroshiro128plus(SEED);
  const values: number[] = [];
  for (let resample = 0; resample < RESAMPLES; resample++) {
    const sample = examples.map(() => examples[uniformInt(random, 0, examples.length - 1)] as T);
    const value = statistic(sample);
    if (!Number.isNaN(value)) values.push(value);
  }
  values.sort((a, b) => a - b);
  return { low: percentile(values, 0.025), high: percentile(values, 0.975), method: 'bootstrap' };
}

/** Between the two nearest values, as numpy's default. */
function percentile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return below + (above - below) * (place - Math.floor(place));
}
