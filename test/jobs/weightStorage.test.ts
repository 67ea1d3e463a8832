/** Runs whose weights lie elsewhere than in memory as float32: the same numbers, chosen by memory, refused where they cannot be. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunEvent } from '../../engine/protocol/events.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { writeNarrow } from '../checkpoint/narrowCheckpoint.ts';
import { adapterBytes, lossesOf, runSample, SAMPLE, sampleConfiguration } from './sampleRun.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeNarrow(join(SAMPLE, 'checkpoint'), join(folder, 'base'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(['16bit', 'streamed'])('%s weights: a run as with float32 ones, evaluations included', async (weights) => {
  const settings = {
    base: join(folder, 'base'),
    'engine.plan': 'layered',
    'engine.savedActivations': 'none',
    'training.microBatchSize': 8,
    'training.selectBest': 'exactMatch',
    'data.evaluation': { count: 8 },
  };
  const reference = join(folder, `reference of ${weights}`);
  const wide = await runSample(reference, await sampleConfiguration({ ...settings, 'engine.weights': 'float32' }));
  const runFolder = join(folder, weights);
  const configuration = await sampleConfiguration({ ...settings, 'engine.weights': weights });
  const first = await runSample(runFolder, configuration, { stopAfter: 7 });
  const second = await runSample(runFolder, configuration, { resume: true });
  for (const events of [first, second]) {
    expect(events).toContainEqual(expect.objectContaining({ type: 'plan', plan: 'layered', weights }));
  }
  expect(new Map([...lossesOf(first), ...lossesOf(second)])).toEqual(lossesOf(wide));
  expect([...evaluations(first), ...evaluations(second)]).toEqual(evaluations(wide));
  expect((await adapterBytes(runFolder)).equals(await adapterBytes(reference))).toBe(true);
});

function evaluations(events: readonly RunEvent[]): unknown[] {
  return events.flatMap((event) => (event.type === 'evaluation' ? [[event.step, event.loss, event.scores]] : []));
}
