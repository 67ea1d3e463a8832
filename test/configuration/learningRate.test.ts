import { expect, test } from 'vitest';
import { defaultLearningRate } from '../../engine/configuration/learningRate.ts';

test('lies between the official values for few and for many connections', () => {
  expect(defaultLearningRate(1)).toBeGreaterThanOrEqual(8e-3);
  expect(defaultLearningRate(1)).toBeLessThanOrEqual(9e-3);
  expect(defaultLearningRate(20)).toBeGreaterThanOrEqual(7e-4);
  expect(defaultLearningRate(20)).toBeLessThanOrEqual(3e-3);
});

test('falls as k grows and stays of use far outside', () => {
  const rates = [1, 2, 4, 8, 16, 32, 64, 128, 512].map(defaultLearningRate);
  expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  expect(new Set(rates).size).toBe(rates.length);
  expect(rates.at(-1)).toBeGreaterThan(1e-4);
});
