/** What a comparison's numbers become: table, CSV, charts. */
import { describe, expect, test } from 'vitest';
import { comparisonCharts } from '../../engine/comparison/charts.ts';
import { comparisonCsv } from '../../engine/comparison/csv.ts';
import { comparisonReport } from '../../engine/comparison/report.ts';
import { median, spreadOf } from '../../engine/comparison/spread.ts';
import { linearTicks, logTicks } from '../../engine/comparison/ticks.ts';
import type { ComparedVariant, Comparison } from '../../engine/protocol/comparison.ts';

function variant(method: ComparedVariant['method'], k: number | null, scores: readonly number[]): ComparedVariant {
  return {
    ...{ label: k === null ? method : `${method}, k = ${String(k)}`, method, k, rank: null },
    ...{ trainableParameters: 1000 * (k ?? 50), trainableShare: 0.001 * (k ?? 50), learningRate: 0.01 },
    runs: scores.map((score, seed) => ({
      ...{ seed, run: `runs/${method}, ${String(seed)}`, score, evaluationLoss: 1 - score },
      ...{ peakMemoryBytes: 2e8, stepMs: 10 + seed, adapterBytes: 4321 },
    })),
  };
}

const COMPARISON: Comparison = {
  ...{ schemaVersion: 1, name: 'Comparison: <test>', base: 'base', metric: 'exactMatch', evaluationExamples: 10 },
  ...{
    questions: [],
    isChosenByQuestions: false,
    totalParameters: 1e6,
    baseMeasures: { score: 0.25, exactMatch: 0.25, evaluationLoss: 1.5 },
  },
  variants: [variant('neuroada', 1, [0.5, 0.7]), variant('neuroada', 5, [0.8, 0.8]), variant('full', null, [0.9, 0.9])],
};

const spaced = (text: string): string => text.replaceAll('\u00a0', ' ');

test('spread is that of a sample, and one run has none', () => {
  expect(spreadOf([1, 2, 3, 4])).toEqual({ mean: 2.5, deviation: Math.sqrt(5 / 3), count: 4 });
  expect(spreadOf([7])).toEqual({ mean: 7, deviation: 0, count: 1 });
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});

test('the table has a row for each variant, with its spread', () => {
  const report = comparisonReport(COMPARISON, [{ file: 'chart.svg', title: 'A chart' }]);
  expect(spaced(report)).toContain('| neuroada, k = 1 | 1,000 | 0.100 % | 0.600 ± 0.141 | 0.400 ± 0.141 | 200 MB |');
  // Narrow columns break nothing that belongs together.
  expect(report).toContain('0.600\u00a0±\u00a00.141');
  expect(report).toContain('| base | 0 | 0 % | 0.250 | 1.500 |  |');
  expect(report).toContain('| score (exact match) | evaluation loss |');
  expect(report).toContain('![A chart](chart.svg)');
});

test('the CSV has a line for each run, fields with commas in quotation marks', () => {
  const lines = comparisonCsv(COMPARISON).trimEnd().split('\r\n');
  expect(lines).toHaveLength(8);
  expect(lines[1]).toBe('base,,,,0,0,,0.25,0.25,1.5,,,,');
  expect(lines[2]).toBe('neuroada,1,,0,1000,0.001,0.01,0.5,,0.5,200000000,10,4321,"runs/neuroada, 0"');
  expect(lines[6]).toMatch(/^full,,,0,/);
});

test('questions give the score, each task and exact match columns of their own', () => {
  const taskScores = { boolq: 0.5, piqa: 0.9 };
  const asked: Comparison = {
    ...{ ...COMPARISON, metric: 'accuracy' },
    questions: [
      { name: 'boolq', examples: 50 },
      { name: 'piqa', examples: 50 },
    ],
    variants: COMPARISON.variants.map((one) => ({
      ...one,
      runs: one.runs.map((run) => ({ ...run, exactMatch: 0.125, taskScores })),
    })),
  };
  const report = comparisonReport(asked, []);
  expect(report).toContain('| share | score (accuracy) | boolq | piqa | exact match | evaluation loss |');
  expect(spaced(report)).toContain(
    '| 0.100 % | 0.600 ± 0.141 | 0.500 ± 0.000 | 0.900 ± 0.000 | 0.125 ± 0.000 | 0.400 ± 0.141 |',
  );
  expect(report).toContain('(50 of boolq, 50 of piqa), the mean over tasks;');
  expect(report).not.toContain('flatter');
  expect(comparisonReport({ ...asked, isChosenByQuestions: true }, [])).toContain('so the scores flatter every method');
  // Wilson's interval of 50 among 100: 0.404 to 0.596.
  expect(report).toContain('Among 100 questions chance moves the accuracy of a single run by up to ± 0.096');
  const lines = comparisonCsv(asked).trimEnd().split('\r\n');
  expect(lines[0]).toMatch(/,run,score boolq,score piqa$/);
  expect(lines[2]).toBe('neuroada,1,,0,1000,0.001,0.01,0.5,0.125,0.5,200000000,10,4321,"runs/neuroada, 0",0.5,0.9');
});

describe('charts', () => {
  test('score against parameters and k, and memory; well-formed, with text escaped', () => {
    const charts = comparisonCharts({ ...COMPARISON, metric: 'a<b' });
    expect(charts.map(({ file }) => file)).toEqual([
      'score-by-parameters.svg',
      'memory-by-method.svg',
      'score-by-k.svg',
    ]);
    for (const { svg } of charts) {
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(svg.match(/<(\w+)[^>]*[^/]>/g)?.length).toBeGreaterThan(0);
    }
    expect(charts[0]?.svg).toContain('a&lt;b');
    expect(charts[0]?.svg).toContain('stroke-dasharray');
  });

  test('no score against k where there is one k', () => {
    const [one] = COMPARISON.variants;
    expect(comparisonCharts({ ...COMPARISON, variants: [one!] })).toHaveLength(2);
  });

  test.each([
    [
      [0, 1],
      [0, 0.2, 0.4, 0.6, 0.8, 1],
    ],
    [
      [3, 3],
      [3, 3.05, 3.1, 3.15, 3.2, 3.25, 3.3],
    ],
    [
      [1.2, 9.7],
      [0, 2, 4, 6, 8, 10],
    ],
  ])('linear ticks around %j', (values, ticks) => {
    const found = linearTicks(values);
    expect(found[0]).toBeLessThanOrEqual(Math.min(...values));
    expect(found.at(-1)).toBeGreaterThanOrEqual(Math.max(...values));
    expect(found.length).toBeGreaterThan(1);
    if (values[0] !== values[1]) expect(found).toEqual(ticks);
  });

  test.each([[[1, 5, 20]], [[300, 300]], [[1000, 5e6]], [[1, 1]]])('logarithmic ticks around %j', (values) => {
    const ticks = logTicks(values);
    expect(ticks[0]).toBeLessThanOrEqual(Math.min(...values));
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(Math.max(...values));
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThan(10);
  });
});
