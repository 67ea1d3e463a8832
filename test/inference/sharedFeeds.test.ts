/** What tokens see: masks that are kept for a while, and none where attention is computed in blocks. */
import { expect, test } from 'vitest';
import { SharedFeedSource, type TokenRows } from '../../engine/inference/sharedFeeds.ts';
import type { HostTensor } from '../../engine/runtime/tensor.ts';
import { goldenWeights } from '../training/goldenModel.ts';

function rows(sequenceLength: number): TokenRows {
  const positions = Int32Array.from({ length: sequenceLength }, (_, position) => position);
  return { batchSize: 1, sequenceLength, tokenIds: positions, positions, segments: null };
}

test('the masks of the last lengths are kept, within bounds', async () => {
  const { config } = await goldenWeights('llama');
  const source = new SharedFeedSource(config);
  const mask = (length: number): unknown => source.feeds(rows(length)).forLayer(0)['mask']?.data;
  const first = mask(3000);
  expect(mask(3000) === first).toBe(true);
  const second = mask(2000);
  expect(mask(3000) === first && mask(2000) === second).toBe(true);
  mask(3500);
  expect(mask(3000) === first).toBe(false);
});

test('blocks of attention need no mask, whatever the length', async () => {
  const { config } = await goldenWeights('mistral');
  const source = new SharedFeedSource(config, 'blocked');
  const feeds: Readonly<Record<string, HostTensor>> = source.feeds(rows(4000)).forLayer(0);
  const sizes = Object.values(feeds).map(({ data }) => data.length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4000 * config.headSize);
  expect(feeds['window']?.data[0]).toBe(BigInt(config.slidingWindows[0] ?? 4000));
});
