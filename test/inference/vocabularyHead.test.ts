/** The head over a vocabulary in several blocks and rows in several chunks, against the reference and against one block. */
import { expect, test } from 'vitest';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import { createHead } from '../../engine/inference/head.ts';
import type { DecoderWeights } from '../../engine/model/weights/decoderWeights.ts';
import { deltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import { createLayeredPlan } from '../../engine/training/plans/layeredPlan.ts';
import { randomFloats } from '../graph/randomFloats.ts';
import {
  floats,
  goldenBatch,
  goldenSelections,
  goldenWeights,
  readGolden,
  relativeError,
} from '../training/goldenModel.ts';

const OPTIONS = { device: 'cpu', threads: 1 } as const;
const BLOCK = 7;

function inBlocks(weights: DecoderWeights): DecoderWeights {
  return { ...weights, outputEmbedding: { ...weights.outputEmbedding, blockLimit: BLOCK } };
}

test('logits, loss and gradients of the reference', async () => {
  const [weights, golden] = [
    inBlocks(await goldenWeights('llama')),
    await readGolden('architectures/llama.safetensors'),
  ];
  expect(weights.config.vocabularySize).toBeGreaterThan(3 * BLOCK);
  const batch = goldenBatch(golden);
  const forward = await createForwardPass(weights, OPTIONS);
  const logits = await forward.logits(batch, Int32Array.from(batch.tokenIds.keys()));
  expect(relativeError(logits, floats(golden, 'logits'))).toBeLessThan(1e-4);
  const loss = (await forward.lossSum(batch)) / batch.labels.length;
  expect(relativeError([loss], floats(golden, 'loss'))).toBeLessThan(1e-4);
  await forward.release();
  const layout = deltaLayout(weights.config, goldenSelections(golden, weights));
  const plan = await createLayeredPlan(weights, layout, OPTIONS, 'none');
  const gradients = new Float32Array(layout.size);
  await plan.accumulate(batch, 1 / batch.labels.length, gradients);
  for (const { selection, offset, length } of layout.projections.flatMap(({ modules }) => modules)) {
    const reference = floats(golden, `${selection.module}.gradients`);
    expect(relativeError(gradients.subarray(offset, offset + length), reference), selection.module).toBeLessThan(1e-4);
  }
  await plan.release();
});

test.each([1, 256, 257, 2049])('%i labelled rows among others, those with large logits included', async (count) => {
  const weights = await goldenWeights('llama');
  const { hiddenSize, vocabularySize } = weights.config;
  const hidden = randomFloats((count + 3) * hiddenSize, 40, 'hidden');
  const rows = Int32Array.from({ length: count }, (_, index) => count + 1 - index);
  const labels = Int32Array.from({ length: count }, (_, index) => (index * 31) % vocabularySize);
  const results = [];
  for (const some of [weights, inBlocks(weights)]) {
    const head = createHead(some, OPTIONS);
    const gradient = new Float32Array(hidden.length).fill(9);
    const labelled = { rows, labels, weight: 0.5 };
    const losses = [await head.lossAndGradient(hidden, labelled, gradient), await head.loss(hidden, labelled)];
    results.push({ losses, gradient, logits: await head.logits(hidden, rows) });
    await head.release();
  }
  const [whole, blocks] = results;
  expect(relativeError(blocks?.losses ?? [], whole?.losses ?? [])).toBeLessThan(1e-5);
  expect(whole?.losses[0]).toBe(whole?.losses[1]);
  expect(relativeError(blocks?.gradient ?? [], whole?.gradient ?? [])).toBeLessThan(1e-5);
  expect(relativeError(blocks?.logits ?? [], whole?.logits ?? [])).toBeLessThan(1e-6);
  for (const row of [0, 1, count + 2]) {
    if (!rows.includes(row))
      expect(blocks?.gradient.subarray(row * hiddenSize, (row + 1) * hiddenSize).every((x) => x === 0)).toBe(true);
  }
});
