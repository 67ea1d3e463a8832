import { expect, test } from 'vitest';
import { defaultLearningRate } from '../../engine/configuration/learningRate.ts';

test('lies between the official values for few and for many connections', () => {
  expect(defaultLearningRate('neuroada', 1)).toBeGreaterThanOrEqual(8e-3);
  expect(defaultLearningRate('neuroada', 1)).toBeLessThanOrEqual(9e-3);
  expect(defaultLearningRate('neuroada', 20)).toBeGreaterThanOrEqual(7e-4);
  expect(defaultLearningRate('neuroada', 20)).toBeLessThanOrEqual(3e-3);
});

test('falls as k grows and stays of use far outside', () => {
  const rates = [1, 2, 4, 8, 16, 32, 64, 128, 512].map((k) => defaultLearningRate('neuroada', k));
  expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  expect(new Set(rates).size).toBe(rates.length);
  expect(rates.at(-1)).toBeGreaterThan(1e-4);
});

test('does not depend on k where no connections are selected', () => {
  expect(defaultLearningRate('lora', 0)).toBe(3e-4);
  expect(defaultLearningRate('full', 0)).toBeLessThan(defaultLearningRate('lora', 0));
  expect(defaultLearningRate('masked', 4)).toBe(defaultLearningRate('neuroada', 4));
});
