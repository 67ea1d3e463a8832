/** Runs whose weights lie elsewhere than in memory as float32: the same numbers, chosen by memory, refused where they cannot be. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { wideLayers } from '../../engine/jobs/preparation/weightLoading.ts';
import { TABLE_BLOCK_BYTES } from '../../engine/model/weights/storedTable.ts';
import { weightSizes } from '../../engine/model/weights/storedWeights.ts';
import type { RunEvent } from '../../engine/protocol/runs/events.ts';
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

test('beside weights in 16 bits, as many layers are float32 as there is room for', async () => {
  const checkpoint = await openCheckpoint(join(folder, 'base'));
  const { stored, layer } = weightSizes(checkpoint);
  const { layerCount } = checkpoint.config;
  // What is free must hold the stored bytes, a widened layer and a block of the embedding before any layer grows.
  const roomFor = (layers: number): number =>
    (stored + layer.float32 + TABLE_BLOCK_BYTES + layers * (layer.float32 - layer.stored)) / 0.7 + 1;
  expect(wideLayers(checkpoint, 0)).toBe(0);
  expect(wideLayers(checkpoint, roomFor(0))).toBe(0);
  expect(wideLayers(checkpoint, roomFor(1))).toBe(1);
  expect(wideLayers(checkpoint, roomFor(1.5))).toBe(1);
  expect(wideLayers(checkpoint, roomFor(1000))).toBe(layerCount);
  await checkpoint.close();
});
