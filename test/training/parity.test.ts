/** Logits, losses and delta gradients of every architecture and plan against PyTorch and transformers. */
import { describe, expect, test } from 'vitest';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import type { ExecutionOptions } from '../../engine/inference/graphSession.ts';
import { deltaLayout, type DeltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import type { ExecutionPlan } from '../../engine/training/plans/executionPlan.ts';
import { createLayeredPlan } from '../../engine/training/plans/layeredPlan.ts';
import { createWholeGraphPlan } from '../../engine/training/plans/wholeGraphPlan.ts';
import type { ResidentWeights } from '../../engine/model/weights/residentWeights.ts';
import {
  ARCHITECTURES,
  floats,
  goldenBatch,
  goldenSelections,
  goldenWeights,
  readGolden,
  relativeError,
  type Golden,
} from './goldenModel.ts';

const OPTIONS: ExecutionOptions = { device: 'cpu', threads: 1 };

const PLANS: Readonly<Record<string, (weights: ResidentWeights, layout: DeltaLayout) => Promise<ExecutionPlan>>> = {
  'layered, nothing saved': (weights, layout) => createLayeredPlan(weights, layout, OPTIONS, 'none'),
  'layered, attention saved': (weights, layout) => createLayeredPlan(weights, layout, OPTIONS, 'attention'),
  'layered, attention in blocks': (weights, layout) =>
    createLayeredPlan(weights, layout, { ...OPTIONS, attention: 'blocked' }, 'none'),
  'layered, attention in blocks and saved': (weights, layout) =>
    createLayeredPlan(weights, layout, { ...OPTIONS, attention: 'blocked' }, 'attention'),
  'layered, all saved': (weights, layout) => createLayeredPlan(weights, layout, OPTIONS, 'all'),
  'whole graph': (weights, layout) => createWholeGraphPlan(weights, layout, OPTIONS, 1),
  'whole graph, head in three chunks': (weights, layout) => createWholeGraphPlan(weights, layout, OPTIONS, 3),
};

function expectReferenceGradients(golden: Golden, layout: DeltaLayout, gradients: Float32Array): void {
  for (const { modules } of layout.projections) {
    for (const { selection, offset, length } of modules) {
      const reference = floats(golden, `${selection.module}.gradients`);
      expect(relativeError(gradients.subarray(offset, offset + length), reference), selection.module).toBeLessThan(
        1e-4,
      );
    }
  }
}

describe.each([...ARCHITECTURES, 'llama.packed'])('%s', (name) => {
  const checkpoint = name.replace('.packed', '');

  test.each(['whole', 'blocked'] as const)('logits, %s attention', async (attention) => {
    const [weights, golden] = [await goldenWeights(checkpoint), await readGolden(`architectures/${name}.safetensors`)];
    const forward = await createForwardPass(weights, { ...OPTIONS, attention });
    const batch = goldenBatch(golden);
    const logits = await forward.logits(batch, Int32Array.from(batch.tokenIds.keys()));
    expect(relativeError(logits, floats(golden, 'logits'))).toBeLessThan(1e-4);
    const loss = (await forward.lossSum(batch)) / batch.labels.length;
    expect(relativeError([loss], floats(golden, 'loss'))).toBeLessThan(1e-4);
    await forward.release();
  });

  test.each(Object.entries(PLANS))('gradients of deltas, %s', async (_, createPlan) => {
    const [weights, golden] = [await goldenWeights(checkpoint), await readGolden(`architectures/${name}.safetensors`)];
    const layout = deltaLayout(weights.config, goldenSelections(golden, weights));
    const plan = await createPlan(weights, layout);
    const batch = goldenBatch(golden);
    const gradients = new Float32Array(layout.size);
    const loss = await plan.accumulate(batch, 1 / batch.labels.length, gradients);
    expect(relativeError([loss], floats(golden, 'loss'))).toBeLessThan(1e-4);
    expectReferenceGradients(golden, layout, gradients);
    await plan.release();
  });
});
