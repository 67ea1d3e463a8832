/** Settings that need less memory than others: each kind once, each smaller, only what the run can do. */
import { expect, test } from 'vitest';
import { alternatives, type ExecutionShape } from '../../engine/estimate/alternatives.ts';
import { estimateJob } from '../../engine/jobs/preparation/estimate.ts';
import { sampleConfiguration } from '../jobs/sampleRun.ts';
import { request, wide } from './sevenBillion.ts';

const CURRENT: ExecutionShape = {
  plan: { plan: 'layered', savedActivations: 'all', weights: 'float32', attention: 'whole' },
  microBatchSize: 4,
  longest: 256,
};

const namesOf = (found: readonly { readonly settings: object }[]): string[] =>
  found.map(({ settings }) =>
    Object.entries(settings)
      .map(([field, value]) => `${field}=${String(value)}`)
      .join(' '),
  );

test('a smaller micro-batch, shorter rows, the layered plan, weights in 16 bits and from files', () => {
  const found = alternatives(request(64e9), CURRENT);
  const layered = 'engine.plan=layered engine.savedActivations=none';
  expect(namesOf(found)).toEqual([
    'training.microBatchSize=2',
    'data.maxLength=128',
    layered,
    `${layered} engine.weights=16bit`,
    `${layered} engine.weights=streamed`,
  ]);
  const totals = found.map(({ memory }) => memory.total);
  expect(totals[3]).toBeLessThan(totals[2] ?? 0);
  expect(totals[4]).toBeLessThan((totals[3] ?? 0) / 3);
});

test('what would change weights, or what a device cannot do, is not offered', () => {
  expect(namesOf(alternatives(request(64e9, { weights: wide }), CURRENT)).join()).not.toContain('16bit');
  const onGpu = alternatives(request(64e9, { relaxedOptions: {}, hasBlockedAttention: false }), CURRENT);
  expect(namesOf(onGpu)).toEqual(['training.microBatchSize=2', 'data.maxLength=128']);
});

test('the estimate of a run: memory by part, and the time of measured steps', async () => {
  const configuration = await sampleConfiguration({ 'training.batchSize': 8 });
  const observer = { onEvent: () => undefined };
  const result = await estimateJob({ configuration }, observer, new AbortController().signal);
  const { weights, activations, head, deltas, overhead } = result.memory;
  const parts = weights + activations + head + deltas + overhead;
  expect(parts).toBeCloseTo(result.peakMemoryBytes, 0);
  expect(result.stepMs).toBeGreaterThan(1);
  expect(result.totalMs).toBeCloseTo(result.stepMs * 12, 3);
  expect(result.alternatives.length).toBeGreaterThan(1);
  for (const { peakMemoryBytes, stepMs } of result.alternatives) {
    expect(peakMemoryBytes).toBeLessThan(result.peakMemoryBytes);
    expect(stepMs).toBeGreaterThan(0);
  }
  const streamed = result.alternatives.find(({ settings }) => settings['engine.weights'] === 'streamed');
  const layered = result.alternatives.find(({ settings }) => Object.keys(settings).length === 2);
  expect(streamed?.stepMs).toBeGreaterThan(layered?.stepMs ?? Infinity);
});
