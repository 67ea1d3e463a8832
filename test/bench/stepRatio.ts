/** A training step against its bare products: the share of the step that the products alone would take. */
import type { ResidentWeights } from '../../engine/model/weights/residentWeights.ts';
import type { DeltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import type { ExecutionPlan } from '../../engine/training/plans/executionPlan.ts';
import { bareProducts } from './bareProducts.ts';
import { atLeast, informative, report } from './row.ts';
import { benchBatch, benchLayout, benchWeights } from './smolModel.ts';
import { interleaved } from './timing.ts';

const ROUNDS = 5;
const BAR = 0.82;
const KS = [1, 20];

/**
 * Reports the ratio for k = 1 and k = 20: medians of interleaved pairs of a step and its limit.
 *
 * @param isRecomputing whether the limit counts the forward products of the backward pass
 */
export async function reportStepRatios(
  name: string,
  isRecomputing: boolean,
  createPlan: (weights: ResidentWeights, layout: DeltaLayout) => Promise<ExecutionPlan>,
): Promise<void> {
  const weights = benchWeights();
  const limit = await bareProducts(weights.config, isRecomputing);
  const batch = benchBatch();
  for (const k of KS) {
    const layout = benchLayout(weights.config, k);
    const gradients = new Float32Array(layout.size);
    const plan = await createPlan(weights, layout);
    const step = (): Promise<number> => plan.accumulate(batch, 1 / batch.labels.length, gradients);
    const { ratio, processorRatio, firstMs, secondMs } = await interleaved(ROUNDS, () => limit.run(), step);
    await plan.release();
    const title = `${name} step, k = ${String(k)}`;
    report(
      atLeast(BAR, `${title}: bare products / step`, ratio),
      informative(`${title}: the same in processor time`, processorRatio),
      informative(`${title}: bare products`, firstMs, 'ms'),
      informative(`${title}: time`, secondMs, 'ms'),
    );
  }
  await limit.release();
}
