/** Runs whose memory runs short: they go on from their last step with less, and say so. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExpectedError } from '../../engine/errors/expected.ts';
import { MemoryWatch } from '../../engine/jobs/training/memoryWatch.ts';
import type { SettledExecution } from '../../engine/jobs/preparation/execution.ts';
import { processMemory } from '../../engine/runtime/memory.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { lossesOf, runSample, sampleConfiguration } from './sampleRun.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const LARGE: SettledExecution = {
  device: 'cpu',
  threads: 1,
  plan: { plan: 'wholeGraph', headChunks: 1 },
  microBatchSize: 8,
  predictedPeakBytes: 1e9,
  reasons: [],
};
const SMALL: SettledExecution = { ...LARGE, microBatchSize: 1, predictedPeakBytes: 1e8 };

const smaller = (current: SettledExecution): SettledExecution | undefined => (current === LARGE ? SMALL : undefined);

test('a process over its budget takes less, then says once that nothing smaller is left', () => {
  const watch = new MemoryWatch(processMemory().residentBytes / 2, smaller);
  expect(watch.afterStep(LARGE)).toMatchObject({ kind: 'relief', relief: { execution: SMALL } });
  const next = [1, 2, 3, 4, 5].map(() => watch.afterStep(SMALL).kind);
  expect(next.filter((kind) => kind === 'overBudget')).toHaveLength(1);
  expect(next.slice(0, 2)).toEqual(['enough', 'enough']);
});

test('within its budget nothing happens', () => {
  expect(new MemoryWatch(processMemory().residentBytes * 4, smaller).afterStep(LARGE)).toEqual({ kind: 'enough' });
  expect(new MemoryWatch(undefined, smaller).afterStep(LARGE)).toEqual({ kind: 'enough' });
});

test('failed allocations are relieved, other failures are not', () => {
  const watch = new MemoryWatch(undefined, smaller);
  const outOfMemory = new ExpectedError('runtime/outOfMemory', 'memory of cpu ran out', 'Use less.');
  expect(watch.afterFailure(outOfMemory, LARGE)?.execution).toBe(SMALL);
  expect(watch.afterFailure(arrayFailure(), LARGE)?.execution).toBe(SMALL);
  expect(watch.afterFailure(outOfMemory, SMALL)).toBeUndefined();
  expect(watch.afterFailure(new RangeError('Invalid index'), LARGE)).toBeUndefined();
  expect(watch.afterFailure(new ExpectedError('training/notFinite', 'NaN', 'Lower it.'), LARGE)).toBeUndefined();
});

/** What the language throws where an array finds no room. */
function arrayFailure(): unknown {
  try {
    return new Float32Array(2 ** 52);
  } catch {
    try {
      return new ArrayBuffer(2 ** 43);
    } catch (error) {
      return error;
    }
  }
}

test('a run over its budget goes on with less, to the losses of an undisturbed one', async () => {
  const undisturbed = lossesOf(await runSample(join(folder, 'undisturbed'), await sampleConfiguration()));
  const budget = { 'engine.memoryBudgetMB': 260, 'training.batchSize': 16 };
  // Memory that no estimate can know of.
  const ballast = new Uint8Array(200e6).fill(1);
  const events = await runSample(join(folder, 'short'), await sampleConfiguration(budget));
  expect(ballast.at(-1)).toBe(1);
  const warnings = events.flatMap((event) => (event.type === 'message' ? [event] : []));
  expect(warnings[0]).toMatchObject({ code: 'memory/steppedDown', level: 'warning' });
  expect(warnings[0]?.text).toMatch(/takes \d+ MB, and its budget is 260 MB: going on from step 1 with .* instead of/);
  const plans = events.flatMap((event) => (event.type === 'plan' ? [event.predictedPeakBytes] : []));
  expect(plans.length).toBeGreaterThan(1);
  expect(plans).toEqual(plans.toSorted((a, b) => b - a));
  expect(events.at(-1)).toMatchObject({ type: 'status', status: 'finished' });
  const losses = lossesOf(events);
  expect([...losses.keys()]).toEqual([...undisturbed.keys()]);
  for (const [step, loss] of undisturbed) expect(losses.get(step)).toBeCloseTo(loss, 3);
});
