/** What of a run's series the webview draws and lists: decimated curves, and exact figures at chosen steps. */
import {
  METRICS,
  type Curve,
  type Metric,
  type ProgressView,
  type ReadPoint,
  type RunCurves,
  type RunReading,
  type RunSamples,
} from '../../engine/protocol/webview.ts';
import { lowerBound } from './column.ts';
import { decimate } from './decimation.ts';
import type { RunSeries } from './runSeries.ts';

export interface ShownSeries {
  readonly runId: string;
  readonly series: RunSeries;
}

const NOISY_METRICS: readonly Metric[] = ['loss', 'gradNorm', 'tokensPerSecond'];

type Range = readonly [from: number, to: number];

/** Rows of the table of figures, about. */
const SAMPLE_ROWS = 40;
const LEAST_POINTS = 64;
const MOST_POINTS = 4096;

/** The curves of runs that share a chart. */
export function drawnCurves(runs: readonly ShownSeries[], view: ProgressView): RunCurves[] {
  const range = view.range ?? commonExtent(runs.map(({ series }) => series));
  const steps = range === null ? [] : sampledSteps(runs, range);
  return runs.map(({ runId, series }) => ({
    runId,
    extent: series.extent,
    curves: range === null ? [] : METRICS.map((metric) => drawnCurve(series, metric, range, view)),
    samples: sampled(series, steps),
  }));
}

/** The logged figures of every run that are nearest to a step. */
export function readCurves(runs: readonly ShownSeries[], step: number, smoothing: number): RunReading[] {
  return runs.map(({ runId, series }) => {
    const points = METRICS.map((metric) => [metric, readPoint(series, metric, step, smoothing)] as const);
    return { runId, points: Object.fromEntries(points.filter(([, point]) => point !== undefined)) };
  });
}

function readPoint(series: RunSeries, metric: Metric, step: number, smoothing: number): ReadPoint | undefined {
  const { steps, values } = series.of(metric);
  const after = lowerBound(steps, step);
  const isBefore = after > 0 && !(Math.abs(steps[after]! - step) < step - steps[after - 1]!);
  const index = isBefore ? after - 1 : after;
  if (index >= steps.length) return undefined;
  const point = { step: steps[index]!, value: values[index]! };
  if (!isSmoothed(metric, smoothing)) return point;
  return { ...point, smoothed: series.smoothed(metric, smoothing)[index]! };
}

/** A view as it came from the webview, or from an older version's saved state, made safe to compute with. */
export function checkedView(view: Partial<ProgressView> = {}): ProgressView {
  const { range, points, smoothing } = view;
  return {
    range: isRange(range) ? range : null,
    points: within(points, LEAST_POINTS, MOST_POINTS, 1000),
    smoothing: within(smoothing, 0, 0.999, 0),
  };
}

function isRange(value: unknown): value is Range {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [from, to] = value as unknown[];
  return Number.isFinite(from) && Number.isFinite(to) && (from as number) < (to as number);
}

function within(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : otherwise;
}

function commonExtent(all: readonly RunSeries[]): Range | null {
  const extents = all.map(({ extent }) => extent).filter((extent) => extent !== null);
  if (extents.length === 0) return null;
  return [Math.min(...extents.map(([first]) => first)), Math.max(...extents.map(([, last]) => last))];
}

function drawnCurve(series: RunSeries, metric: Metric, [from, to]: Range, view: ProgressView): Curve {
  const all = series.of(metric);
  const kept = decimate(all, from, to, Math.round(view.points));
  const curve = { metric, steps: picked(all.steps, kept), values: picked(all.values, kept) };
  if (!isSmoothed(metric, view.smoothing)) return curve;
  return { ...curve, smoothed: picked(series.smoothed(metric, view.smoothing), kept) };
}

/** Where there is noise to take away: evaluations are few and exact, the learning rate and the memory have none. */
function isSmoothed(metric: Metric, smoothing: number): boolean {
  return smoothing > 0 && NOISY_METRICS.includes(metric);
}

function picked(values: Float64Array, indices: Uint32Array): Float64Array {
  return Float64Array.from(indices, (index) => values[index]!);
}

/** Round steps and those of evaluations, which seldom are round; of many evaluations some, evenly. */
function sampledSteps(runs: readonly ShownSeries[], range: Range): number[] {
  const [from, to] = range;
  const evaluated = runs.flatMap(({ series }) => [...series.of('evaluationLoss').steps]);
  const inside = [...new Set(evaluated)].filter((step) => step >= from && step <= to).sort((a, b) => a - b);
  const every = Math.ceil(inside.length / SAMPLE_ROWS);
  const some = inside.filter((_, index) => (inside.length - 1 - index) % every === 0);
  return [...new Set([...roundSteps(range, SAMPLE_ROWS), ...some])].sort((a, b) => a - b);
}

/** The first and the last step of the range and, between them, the multiples of a round number: about `count`. */
export function roundSteps([from, to]: Range, count: number): number[] {
  const first = Math.ceil(from);
  const last = Math.floor(to);
  if (last < first) return [];
  const interval = roundInterval((last - first) / count);
  const steps = [first];
  for (let step = (Math.floor(first / interval) + 1) * interval; step < last; step += interval) steps.push(step);
  if (last > first) steps.push(last);
  return steps;
}

/** The smallest of 1, 2, 5, 10, 20, 50, ... that is at least `least`. */
function roundInterval(least: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, least))));
  return power * ([1, 2, 5].find((digit) => digit * power >= least) ?? 10);
}

function sampled(series: RunSeries, steps: readonly number[]): RunSamples {
  const values = METRICS.map((metric) => [metric, Float64Array.from(steps, (step) => valueAt(series, metric, step))]);
  return { steps: Float64Array.from(steps), values: Object.fromEntries(values) as RunSamples['values'] };
}

function valueAt(series: RunSeries, metric: Metric, step: number): number {
  const { steps, values } = series.of(metric);
  const index = lowerBound(steps, step);
  return steps[index] === step ? values[index]! : Number.NaN;
}
