/** The adapter of the best evaluation: chosen by loss or by exact answers, though training went on and got worse. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { EvaluationEvent } from '../../engine/protocol/runs/events.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { adapterBytes, runSample, sampleConfiguration } from './sampleRun.ts';

// Several runs are trained, one after the other.
vi.setConfig({ testTimeout: 120_000 });

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const STEPS = 12;

/** The learning rate rises to far more than the model stands: the loss falls for some steps, and then it rises. */
const unsteady = {
  ...{ 'training.learningRate': 1, 'training.schedule': 'constant', 'training.warmupRatio': 0.99 },
  ...{ 'training.evaluateEvery': 2, 'training.maxSteps': STEPS, 'training.batchSize': 4 },
  'data.evaluation': { count: 8 },
};

function scoreOf({ loss, scores }: EvaluationEvent): number {
  return scores?.['exactMatch'] ?? -loss;
}

test.each(['loss', 'exactMatch'])('by %s', async (selectBest) => {
  const runFolder = join(folder, selectBest);
  const choice = { 'training.selectBest': selectBest, 'training.keepCheckpoints': 1 };
  const events = await runSample(runFolder, await sampleConfiguration({ ...unsteady, ...choice }));
  const evaluations = events.filter((event) => event.type === 'evaluation');
  const best = evaluations.findLast(({ isBest }) => isBest);
  expect(best?.step).toBeLessThan(STEPS);
  expect(scoreOf(best!)).toBe(Math.max(...evaluations.map(scoreOf)));
  expect(events.find((event) => event.type === 'result')).toMatchObject({ adapterStep: best!.step });
  const untilThere = join(folder, `until ${selectBest}`);
  await runSample(untilThere, await sampleConfiguration(unsteady), { stopAfter: best!.step });
  expect((await adapterBytes(runFolder)).equals(await adapterBytes(untilThere))).toBe(true);
});

test('needs evaluation data', async () => {
  const configuration = await sampleConfiguration({ 'training.selectBest': 'loss' });
  const data = { ...configuration.data };
  delete data.evaluation;
  const run = runSample(join(folder, 'unmeasured'), { ...configuration, data });
  await expect(run).rejects.toMatchObject({ code: 'training/noEvaluationData' });
});
