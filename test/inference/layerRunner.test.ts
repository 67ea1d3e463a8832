/** What a layer's forward pass saves lies in the same memory in every step: new memory is slow, and waits to be collected. */
import { expect, test } from 'vitest';
import { createLayerRunner } from '../../engine/inference/layerRunner.ts';
import { SharedFeedSource } from '../../engine/inference/sharedFeeds.ts';
import { goldenBatch, goldenWeights, readGolden } from '../training/goldenModel.ts';

test('saved activations are written into the memory of the step before', async () => {
  const [weights, golden] = [await goldenWeights('llama'), await readGolden('architectures/llama.safetensors')];
  const batch = goldenBatch(golden);
  const runner = await createLayerRunner(weights, { device: 'cpu', threads: 1 }, 'all');
  const shared = new SharedFeedSource(weights.config).feeds(batch);
  const size = batch.tokenIds.length * weights.config.hiddenSize;
  const forward = (layer: number, fill: number) =>
    runner.forward(layer, batch, new Float32Array(size).fill(fill), new Float32Array(size), shared);
  const first = await forward(0, 1);
  const values = structuredClone(first);
  const other = await forward(1, 1);
  expect(first).toEqual(values);
  const second = await forward(0, 2);
  expect(Object.keys(first)).toEqual(
    ['query', 'key', 'value', 'mixed', 'residual', 'gate', 'up'].map((name) => `saved.${name}`),
  );
  for (const [name, { data }] of Object.entries(second)) {
    expect(data.buffer, name).toBe(first[name]?.data.buffer);
    expect(data.buffer, name).not.toBe(other[name]?.data.buffer);
  }
  expect(first).not.toEqual(values);
  await runner.release();
});
