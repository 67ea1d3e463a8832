/** Tests decimation, smoothing and sampling of a run's figures. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkedView, drawnCurves, readCurves, roundSteps } from '../../extension/progressView/curves.ts';
import { decimate } from '../../extension/progressView/decimation.ts';
import { RunSeries } from '../../extension/progressView/runSeries.ts';
import { evaluationEvent, stepEvent } from './runEvents.ts';

const VALUES = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 2_000 });

function seriesOf(values: readonly number[]) {
  return { steps: Float64Array.from(values.keys()), values: Float64Array.from(values) };
}

function runOf(losses: readonly number[]): RunSeries {
  const series = new RunSeries();
  for (const [index, loss] of losses.entries()) series.append(stepEvent(index + 1, { loss }));
  return series;
}

test('decimation keeps the extremes of every pixel column, in order and once', () => {
  fc.assert(
    fc.property(VALUES, fc.integer({ min: 1, max: 40 }), (values, columns) => {
      const series = seriesOf(values);
      const last = values.length - 1;
      const kept = [...decimate(series, 0, last, columns)];
      expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
      expect(kept.length).toBeLessThanOrEqual(Math.max(4 * columns, 4 * (columns + 1)));
      const perColumn = last / columns || 1;
      for (let column = 0; column < columns; column++) {
        const inside = values.filter((_, step) => Math.floor(step / perColumn) === column);
        const shown = kept.filter((index) => Math.floor(index / perColumn) === column).map((index) => values[index]!);
        if (inside.length === 0) continue;
        expect(Math.min(...shown)).toBe(Math.min(...inside));
        expect(Math.max(...shown)).toBe(Math.max(...inside));
      }
    }),
  );
});

test('decimation keeps one point beyond each end of a zoomed range and every point where there is room', () => {
  const series = seriesOf(Array.from({ length: 1_000 }, (_, step) => Math.sin(step)));
  expect([...decimate(series, 100, 105, 50)]).toEqual([99, 100, 101, 102, 103, 104, 105, 106]);
  expect([...decimate(series, 100.5, 102.5, 50)]).toEqual([100, 101, 102, 103]);
  const zoomed = decimate(series, 100, 899, 10);
  expect(zoomed[0]).toBe(99);
  expect(zoomed.at(-1)).toBe(900);
});

test('decimation keeps a diverged step as a gap', () => {
  const values = Array.from({ length: 10_000 }, (_, step) => (step === 5_000 ? Number.NaN : 1));
  const series = seriesOf(values);
  expect([...decimate(series, 0, 9_999, 20)]).toContain(5_000);
});

test('smoothing is the debiased moving average over every step, gaps left out', () => {
  const losses = [4, 2, Number.NaN, 1];
  const series = runOf(losses);
  const smoothed = series.smoothed('loss', 0.5);
  expect(smoothed[0]).toBe(4);
  expect(smoothed[1]).toBeCloseTo((0.5 * 0.5 * 4 + 0.5 * 2) / 0.75, 12);
  expect(smoothed[2]).toBeNaN();
  expect(smoothed[3]).toBeCloseTo((0.125 * 4 + 0.25 * 2 + 0.5 * 1) / 0.875, 12);
  series.append(stepEvent(5, { loss: 1 }));
  const whole = runOf([...losses, 1]).smoothed('loss', 0.5);
  expect([...series.smoothed('loss', 0.5)]).toEqual([...whole]);
});

test('a constant stays itself under any smoothing', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (smoothing) => {
      for (const average of runOf([3, 3, 3, 3, 3]).smoothed('loss', smoothing)) expect(average).toBeCloseTo(3, 9);
    }),
  );
});

test('a resumed run takes back what it trains anew', () => {
  const series = runOf([5, 4, 3, 2]);
  series.append(evaluationEvent(2, 4.5));
  series.append(evaluationEvent(4, 2.5));
  expect(series.smoothed('loss', 0.5)).toHaveLength(4);
  series.append({ type: 'resumed', time: 0, step: 2 });
  series.append(stepEvent(3, { loss: 7 }));
  expect([...series.of('loss').values]).toEqual([5, 4, 7]);
  expect([...series.of('evaluationLoss').steps]).toEqual([2]);
  expect([...series.smoothed('loss', 0.5)]).toEqual([...runOf([5, 4, 7]).smoothed('loss', 0.5)]);
  expect(series.extent).toEqual([1, 3]);
});

test('runs that share a chart are sampled at the same round steps, with exact figures', () => {
  const long = runOf(Array.from({ length: 1_000 }, (_, index) => index + 1));
  const short = runOf([10, 20, 30]);
  const view = checkedView({ smoothing: 0.9, points: 100 });
  const [first, second] = drawnCurves(
    [
      { runId: 'a', series: long },
      { runId: 'b', series: short },
    ],
    view,
  );
  expect([...first!.samples.steps]).toEqual([...second!.samples.steps]);
  expect(first!.samples.steps[1]).toBe(50);
  expect(first!.samples.values.loss[1]).toBe(50);
  expect(second!.samples.values.loss[0]).toBe(10);
  expect(second!.samples.values.loss[1]).toBeNaN();
  const loss = first!.curves.find(({ metric }) => metric === 'loss')!;
  expect(loss.smoothed).toHaveLength(loss.steps.length);
  expect(loss.steps.buffer.byteLength).toBe(8 * loss.steps.length);
});

test('steps of evaluations are sampled, too, evenly where there are many', () => {
  const series = runOf(Array.from({ length: 1_000 }, (_, index) => index + 1));
  for (const step of [13, 37]) series.append(evaluationEvent(step, step / 100));
  const [few] = drawnCurves([{ runId: 'a', series }], checkedView());
  const at = [...few!.samples.steps].indexOf(37);
  expect(few!.samples.values.evaluationLoss[at]).toBe(0.37);
  expect(few!.samples.values.loss[at]).toBe(37);
  for (let step = 41; step <= 999; step++) series.append(evaluationEvent(step, 1));
  const [many] = drawnCurves([{ runId: 'a', series }], checkedView());
  expect(many!.samples.steps.length).toBeLessThan(100);
  expect([...many!.samples.steps]).toContain(999);
});

test('what is read at a step is the nearest that was logged, never a decimated one', () => {
  const series = runOf(Array.from({ length: 5_000 }, (_, index) => Math.sin(index)));
  series.append(evaluationEvent(100, 3));
  series.append(evaluationEvent(200, 2));
  const read = (step: number) => readCurves([{ runId: 'a', series }], step, 0.5)[0]!.points;
  expect(read(1_234).loss).toEqual({
    step: 1_234,
    value: Math.sin(1_233),
    smoothed: series.smoothed('loss', 0.5)[1_233],
  });
  expect(read(149).evaluationLoss).toEqual({ step: 100, value: 3 });
  expect(read(151).evaluationLoss).toEqual({ step: 200, value: 2 });
  expect(read(99_999).learningRate).toEqual({ step: 5_000, value: 1e-3 });
  expect(read(-5).loss?.step).toBe(1);
  expect(readCurves([{ runId: 'a', series: new RunSeries() }], 3, 0)[0]!.points).toEqual({});
});

test('round steps stay in the range and hold both ends', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }), (from, span) => {
      const steps = roundSteps([from, from + span], 40);
      expect(steps[0]).toBe(from);
      expect(steps.at(-1)).toBe(from + span);
      expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
      expect(steps.length).toBeLessThanOrEqual(43);
    }),
  );
});

test('a saved view of another version becomes a safe one', () => {
  const hostile = { range: [5, Number.NaN], points: 1e12, smoothing: 1 } as const;
  expect(checkedView(hostile)).toEqual({ range: null, points: 4096, smoothing: 0.999 });
  expect(checkedView()).toEqual({ range: null, points: 1000, smoothing: 0 });
  expect(checkedView({ range: [9, 3] })).toMatchObject({ range: null });
});

test('a hundred thousand steps are drawn within a few frames of the host', () => {
  const series = runOf(Array.from({ length: 100_000 }, (_, index) => Math.sin(index)));
  const view = checkedView({ smoothing: 0.9, points: 2_000 });
  drawnCurves([{ runId: 'a', series }], view);
  const start = performance.now();
  drawnCurves([{ runId: 'a', series }], view);
  expect(performance.now() - start).toBeLessThan(250);
});
