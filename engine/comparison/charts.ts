/** The charts of a comparison as SVG: scores against parameters and against k, memory by method. */
import { METHODS } from '../protocol/configuration/methods.ts';
import { metricTitle } from '../protocol/metricTitle.ts';
import type { ComparedVariant, Comparison } from '../protocol/comparison.ts';
import type { ChartFile } from './report.ts';
import { spreadOf } from './spread.ts';
import { circle, COLORS, HEIGHT, line, MARGIN, page, rectangle, risingText, text, WIDTH } from './svg.ts';
import { linearTicks, logTicks } from './ticks.ts';

export interface Chart extends ChartFile {
  readonly svg: string;
}

/** Those charts that have something to show. */
export function comparisonCharts(comparison: Comparison): readonly Chart[] {
  const { metric, variants } = comparison;
  const byK = variants.filter(({ k }) => k !== null);
  const charts: Chart[] = [
    {
      file: 'score-by-parameters.svg',
      title: `${metricTitle(metric)} against trainable parameters`,
      svg: scatter(comparison, variants, ({ trainableParameters }) => trainableParameters, 'trainable parameters'),
    },
    { file: 'memory-by-method.svg', title: 'Peak memory by method', svg: memoryBars(variants) },
  ];
  if (new Set(byK.map(({ k }) => k)).size < 2) return charts;
  const svg = scatter(comparison, byK, ({ k }) => k ?? 1, 'k, selected connections per neuron');
  return [...charts, { file: 'score-by-k.svg', title: `${metricTitle(metric)} against k`, svg }];
}

/** Radius of the first method's points; each method's are smaller than those of the one before, and lie upon them. */
const LARGEST = 10;

/** Logarithmic in x; a method's points are joined, bars are one standard deviation each way. */
function scatter(
  { metric, baseMeasures }: Comparison,
  variants: readonly ComparedVariant[],
  xOf: (variant: ComparedVariant) => number,
  xTitle: string,
): string {
  const baseScore = baseMeasures?.score;
  const points = variants.map((variant) => {
    const { mean, deviation } = spreadOf(variant.runs.map(({ score }) => score));
    return { variant, x: xOf(variant), mean, deviation };
  });
  const ends = points.flatMap(({ mean, deviation }) => [mean - deviation, mean + deviation]);
  const yTicks = linearTicks([...ends, ...(baseScore === undefined ? [] : [baseScore])]);
  const xTicks = logTicks(points.map(({ x }) => x));
  const x = scale(xTicks.map(Math.log10), MARGIN.left, WIDTH - MARGIN.right);
  const y = scale(yTicks, HEIGHT - MARGIN.bottom, MARGIN.top);
  const parts = axes(xTicks, (tick) => x(Math.log10(tick)), yTicks, y, xTitle, metricTitle(metric));
  if (baseScore !== undefined) {
    parts.push(
      line(MARGIN.left, y(baseScore), WIDTH - MARGIN.right, y(baseScore), '#555555', ' stroke-dasharray="5 4"'),
    );
    parts.push(text(WIDTH - MARGIN.right + 8, y(baseScore) + 4, 'base', 'start'));
  }
  const methods = METHODS.filter((method) => variants.some((variant) => variant.method === method));
  methods.forEach((method, index) => {
    const color = colorOf(method);
    const own = points.filter(({ variant }) => variant.method === method).toSorted((a, b) => a.x - b.x);
    own.forEach((point, place) => {
      const [px, py] = [x(Math.log10(point.x)), y(point.mean)];
      const before = own[place - 1];
      if (before !== undefined) parts.push(line(x(Math.log10(before.x)), y(before.mean), px, py, color));
      if (point.deviation > 0)
        parts.push(line(px, y(point.mean - point.deviation), px, y(point.mean + point.deviation), color));
      parts.push(circle(px, py, color, `${point.variant.label}: ${point.mean.toFixed(3)}`, LARGEST - index));
    });
    parts.push(...legendEntry(method, index, color));
  });
  return page(parts, `${metricTitle(metric)} against ${xTitle}`);
}

function memoryBars(variants: readonly ComparedVariant[]): string {
  const bars = variants.map((variant) => ({
    variant,
    megabytes: spreadOf(variant.runs.map(({ peakMemoryBytes }) => peakMemoryBytes)).mean / 1e6,
  }));
  const yTicks = linearTicks([0, ...bars.map(({ megabytes }) => megabytes)]);
  const y = scale(yTicks, HEIGHT - MARGIN.bottom, MARGIN.top);
  const step = (WIDTH - MARGIN.left - MARGIN.right) / bars.length;
  const parts = axes([], () => 0, yTicks, y, '', 'peak memory, MB');
  bars.forEach(({ variant, megabytes }, index) => {
    const [left, top] = [MARGIN.left + (index + 0.15) * step, y(megabytes)];
    const label = `${variant.label}: ${megabytes.toFixed(0)} MB`;
    parts.push(rectangle(left, top, 0.7 * step, HEIGHT - MARGIN.bottom - top, colorOf(variant.method), label));
    parts.push(text(left + 0.35 * step, top - 5, megabytes.toFixed(0)));
    const budget =
      variant.k === null ? (variant.rank === null ? '' : `r ${String(variant.rank)}`) : `k ${String(variant.k)}`;
    parts.push(text(left + 0.35 * step, HEIGHT - MARGIN.bottom + 16, budget));
  });
  const methods = METHODS.filter((method) => variants.some((variant) => variant.method === method));
  methods.forEach((method, index) => parts.push(...legendEntry(method, index, colorOf(method))));
  return page(parts, 'Peak memory by method');
}

function axes(
  xTicks: readonly number[],
  x: (tick: number) => number,
  yTicks: readonly number[],
  y: (tick: number) => number,
  xTitle: string,
  yTitle: string,
): string[] {
  const [left, right, bottom] = [MARGIN.left, WIDTH - MARGIN.right, HEIGHT - MARGIN.bottom];
  return [
    ...yTicks.flatMap((tick) => [
      line(left, y(tick), right, y(tick), '#e3e3e3'),
      text(left - 8, y(tick) + 4, tick.toLocaleString('en'), 'end'),
    ]),
    ...xTicks.flatMap((tick) => [
      line(x(tick), bottom, x(tick), bottom + 5),
      text(x(tick), bottom + 18, tick.toLocaleString('en')),
    ]),
    line(left, bottom, right, bottom),
    text((left + right) / 2, HEIGHT - 16, xTitle),
    risingText(18, (MARGIN.top + bottom) / 2, yTitle),
  ];
}

function legendEntry(method: string, index: number, color: string): readonly string[] {
  const [x, y] = [WIDTH - MARGIN.right + 24, MARGIN.top + 10 + index * 20];
  return [circle(x, y, color, method), text(x + 12, y + 4, method, 'start')];
}

function colorOf(method: (typeof METHODS)[number]): string {
  return COLORS[METHODS.indexOf(method) % COLORS.length] ?? COLORS[0];
}

/** From the range of the ticks to that of the page. */
function scale(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const [first, last] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  return (value) => from + ((value - first) / (last - first)) * (to - from);
}
