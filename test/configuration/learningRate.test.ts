import { expect, test } from 'vitest';
import { defaultLearningRate } from '../../engine/configuration/learningRate.ts';

const LLAMA = 4096;

test('lies between the official values for few and for many connections', () => {
  expect(defaultLearningRate('neuroada', 1, LLAMA)).toBeGreaterThanOrEqual(8e-3);
  expect(defaultLearningRate('neuroada', 1, LLAMA)).toBeLessThanOrEqual(9e-3);
  expect(defaultLearningRate('neuroada', 20, LLAMA)).toBeGreaterThanOrEqual(7e-4);
  expect(defaultLearningRate('neuroada', 20, LLAMA)).toBeLessThanOrEqual(3e-3);
});

test('falls as k grows and stays of use far outside', () => {
  const rates = [1, 2, 4, 8, 16, 32, 64, 128, 512].map((k) => defaultLearningRate('neuroada', k, LLAMA));
  expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  expect(new Set(rates).size).toBe(rates.length);
  expect(rates.at(-1)).toBeGreaterThan(1e-4);
});

test('keeps a step the same share of a typical weight, which falls with the root of the width', () => {
  for (const width of [128, 576, 2048, 8192]) {
    const step = defaultLearningRate('neuroada', 4, width) * Math.sqrt(width);
    expect(step / (defaultLearningRate('neuroada', 4, LLAMA) * Math.sqrt(LLAMA))).toBeCloseTo(1, 1);
  }
});

test('depends on neither where no connections are selected', () => {
  expect(defaultLearningRate('lora', 0, 128)).toBe(3e-4);
  expect(defaultLearningRate('full', 0, LLAMA)).toBeLessThan(defaultLearningRate('lora', 0, LLAMA));
  expect(defaultLearningRate('masked', 4, LLAMA)).toBe(defaultLearningRate('neuroada', 4, LLAMA));
});
