/** Tests the ranges of the vertical axes and the labels of ticks. */
import { beforeAll, expect, test, vi } from 'vitest';
import { stepTicks, tickText, valueRange } from '../../webview/progress/plot/valueAxis.ts';

beforeAll(() => void vi.stubGlobal('document', { getElementById: () => null }));

const line = (...values: number[]) => ({
  steps: Float64Array.from(values.keys()),
  values: Float64Array.from(values),
});

test('an axis shows every finite value in sight, and no other', () => {
  const [low, high] = valueRange([line(1, 5, Number.NaN, 3, 900)], [0, 3], { isLog: false, isFromZero: false });
  expect(low).toBeLessThan(1);
  expect(low).toBeGreaterThan(0);
  expect(high).toBeGreaterThan(5);
  expect(high).toBeLessThan(6);
});

test('an axis from zero starts there, unless something lies below', () => {
  const kind = { isLog: false, isFromZero: true };
  expect(valueRange([line(7, 9)], [0, 1], kind)[0]).toBe(0);
  expect(valueRange([line(-7, 9)], [0, 1], kind)[0]).toBeLessThan(-7);
});

test('a logarithmic axis leaves out what has no logarithm', () => {
  const [low, high] = valueRange([line(0, -3, 0.01, 10)], [0, 3], { isLog: true, isFromZero: true });
  expect(low).toBeGreaterThan(0.001);
  expect(low).toBeLessThan(0.01);
  expect(high).toBeGreaterThan(10);
});

test('nothing in sight and a constant have a range, too', () => {
  for (const isLog of [true, false]) {
    for (const lines of [[], [line(Number.NaN)], [line(2, 2)], [line(0, 0)]]) {
      const [low, high] = valueRange(lines, [0, 1], { isLog, isFromZero: false });
      expect(high).toBeGreaterThan(low);
    }
  }
});

test.each([
  ['loss', 2.5, 0.5, '2.5'],
  ['loss', 2, 1, '2'],
  ['learningRate', 0.0005, 0.0005, '5e-4'],
  ['learningRate', 0.00025, 0.00005, '2.5e-4'],
  ['learningRate', 0.02, 0.01, '0.02'],
  ['tokensPerSecond', 15_000, 5_000, '15 k'],
  ['tokensPerSecond', 2_500_000, 500_000, '2.5 M'],
  ['memoryBytes', 250e6, 50e6, '250 MB'],
  ['memoryBytes', 1.5e9, 0.5e9, '1.5 GB'],
  ['memoryBytes', 0, 1e9, '0'],
] as const)('a tick of %s at %d, %d apart, reads %s', (metric, value, distance, text) => {
  expect(tickText(metric, value, distance)).toBe(text);
});

test('many steps are counted in thousands, few one by one', () => {
  expect(stepTicks([0, 50_000, 100_000])).toEqual(['0', '50 k', '100 k']);
  expect(stepTicks([5, 10])).toEqual(['5', '10']);
  expect(stepTicks([10_500, 11_000])).toEqual(['10,500', '11,000']);
});
