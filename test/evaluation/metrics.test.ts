/** Metrics and intervals against scikit-learn and scipy on shared vectors. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accuracy, binaryF1, macroF1, matthews } from '../../engine/evaluation/metrics/classification.ts';
import { bootstrapInterval, wilsonInterval } from '../../engine/evaluation/metrics/confidence.ts';
import { pearson, spearman } from '../../engine/evaluation/metrics/correlation.ts';
import { GOLDEN } from '../training/goldenModel.ts';

interface GoldenMetrics {
  readonly labels: readonly {
    readonly expected: readonly string[];
    readonly got: readonly string[];
    readonly accuracy: number;
    readonly macroF1: number;
    readonly matthews: number;
    readonly binaryF1: Readonly<Record<string, number>>;
  }[];
  readonly numbers: readonly {
    readonly xs: readonly number[];
    readonly ys: readonly number[];
    readonly pearson: number;
    readonly spearman: number;
  }[];
  /** Percentiles over 10,000 resamples. */
  readonly bootstrap: readonly {
    readonly statistic: string;
    readonly samples: readonly [readonly (string | number)[], readonly (string | number)[]];
    readonly low: number;
    readonly high: number;
  }[];
  readonly wilson: readonly {
    readonly count: number;
    readonly total: number;
    readonly low: number;
    readonly high: number;
  }[];
}

const golden = JSON.parse(readFileSync(join(GOLDEN, 'metrics.json'), 'utf8')) as GoldenMetrics;

describe('metrics', () => {
  test.each(golden.labels)('labels as scikit-learn scores them', (reference) => {
    const pairs = reference.expected.map((expected, index) => ({ expected, got: reference.got[index] ?? null }));
    expect(accuracy(pairs)).toBeCloseTo(reference.accuracy, 12);
    expect(macroF1(pairs)).toBeCloseTo(reference.macroF1, 12);
    expect(matthews(pairs)).toBeCloseTo(reference.matthews, 12);
    for (const [label, f1] of Object.entries(reference.binaryF1)) expect(binaryF1(pairs, label)).toBeCloseTo(f1, 12);
  });

  test('a missing answer is wrong and of no class', () => {
    const pairs = [
      { expected: 'a', got: 'a' },
      { expected: 'a', got: null },
      { expected: 'b', got: 'b' },
    ];
    expect(accuracy(pairs)).toBeCloseTo(2 / 3, 12);
    expect(macroF1(pairs)).toBeCloseTo((2 / 3 + 1) / 2, 12);
  });

  test.each(golden.numbers)('numbers as scipy correlates them', (reference) => {
    expect(pearson(reference.xs, reference.ys)).toBeCloseTo(reference.pearson, 12);
    expect(spearman(reference.xs, reference.ys)).toBeCloseTo(reference.spearman, 12);
  });
});

describe('confidence intervals', () => {
  test.each(golden.wilson)('Wilson: $count of $total', ({ count, total, low, high }) => {
    const interval = wilsonInterval(count, total);
    expect(interval.low).toBeCloseTo(low, 12);
    expect(interval.high).toBeCloseTo(high, 12);
  });

  test.each(golden.bootstrap)('bootstrap of $statistic, near that of scipy', ({ statistic, samples, low, high }) => {
    const pairs = samples[0].map((expected, index) => [expected, samples[1][index] ?? ''] as const);
    const interval = bootstrapInterval(pairs, (sample) => {
      if (statistic === 'matthews') {
        return matthews(sample.map(([expected, got]) => ({ expected: String(expected), got: String(got) })));
      }
      return pearson(
        sample.map(([x]) => Number(x)),
        sample.map(([, y]) => Number(y)),
      );
    });
    // Ours is of 1,000 resamples, whose percentiles are known to about a fifteenth of the interval.
    const tolerance = (high - low) / 15;
    expect(Math.abs(interval.low - low)).toBeLessThan(tolerance);
    expect(Math.abs(interval.high - high)).toBeLessThan(tolerance);
  });

  test('the bootstrap of a mean is as wide as its standard error says, and the same every time', () => {
    const values = Array.from({ length: 400 }, (_, index) => Math.sin(index * 12.9898) * 10);
    const mean = (sample: readonly number[]): number => sample.reduce((sum, value) => sum + value, 0) / sample.length;
    const interval = bootstrapInterval(values, mean);
    const deviation = Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
    const half = (1.96 * deviation) / Math.sqrt(values.length);
    expect(interval.low).toBeCloseTo(mean(values) - half, 0);
    expect(interval.high).toBeCloseTo(mean(values) + half, 0);
    expect(interval.low).toBeLessThan(interval.high);
    expect(bootstrapInterval(values, mean)).toEqual(interval);
  });
});
