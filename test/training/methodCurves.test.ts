/** Fifty AdamW steps of every method that NeuroAda is compared with, step by step against PyTorch, in both plans. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ExecutionOptions } from '../../engine/inference/graphSession.ts';
import { linearModules } from '../../engine/selection/targetModules.ts';
import { boundValues } from '../../engine/training/layouts/boundValues.ts';
import { denseLayout, maskedLayout } from '../../engine/training/layouts/denseLayout.ts';
import { effectiveWeights } from '../../engine/training/plans/effectiveWeights.ts';
import { entryLayout } from '../../engine/training/layouts/entryLayout.ts';
import { createHostStepper } from '../../engine/training/hostStepper.ts';
import { createLayeredPlan } from '../../engine/training/plans/layeredPlan.ts';
import { learningRateAt } from '../../engine/training/optimization/learningRate.ts';
import { lowRankLayout } from '../../engine/training/layouts/lowRankLayout.ts';
import { createParameterUpdate } from '../../engine/training/plans/parameterUpdate.ts';
import { initialState } from '../../engine/training/trainingState.ts';
import type { TrainableLayout } from '../../engine/training/layouts/trainableLayout.ts';
import { createWholeGraphPlan } from '../../engine/training/plans/wholeGraphPlan.ts';
import type { ResidentWeights } from '../../engine/model/weights/residentWeights.ts';
import {
  doubles,
  floats,
  GOLDEN,
  goldenBatch,
  goldenSelections,
  goldenWeights,
  integers,
  readGolden,
  relativeError,
  type Golden,
} from './goldenModel.ts';

interface Settings {
  readonly steps: number;
  readonly warmup_steps: number;
  readonly max_grad_norm: number;
  readonly rank: number;
  readonly alpha: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly methods: Readonly<
    Record<string, { readonly checkpoint: string; readonly learning_rate: number; readonly weight_decay: number }>
  >;
}

const settings = JSON.parse(await readFile(join(GOLDEN, 'methods', 'methods.json'), 'utf8')) as Settings;
const OPTIONS: ExecutionOptions = { device: 'cpu', threads: 1 };
const PLANS = {
  layered: (weights: ResidentWeights, layout: TrainableLayout) => createLayeredPlan(weights, layout, OPTIONS, 'none'),
  'whole graph': (weights: ResidentWeights, layout: TrainableLayout) =>
    createWholeGraphPlan(weights, layout, OPTIONS, 1),
};

function layoutOf(method: string, weights: ResidentWeights, golden: Golden): TrainableLayout {
  const { config } = weights;
  const modules = linearModules(config);
  const names = modules.map(({ module }) => module);
  switch (method) {
    case 'full':
      return denseLayout(config, new Set(names.map((module) => `${module}.weight`)));
    case 'bitfit':
      return denseLayout(config, new Set(names.map((module) => `${module}.bias`)));
    case 'masked':
      return maskedLayout(config, goldenSelections(golden, weights));
    case 'lora':
      return lowRankLayout(config, new Set(names), {
        rank: settings.rank,
        scale: settings.alpha / settings.rank,
        hasDropout: false,
      });
    default:
      return entryLayout(
        config,
        modules.map((target) => ({ ...target, positions: integers(golden, `${target.module}.positions`).data })),
      );
  }
}

/** Begins with PyTorch's factors, where these are drawn at random. */
function startFactors(layout: TrainableLayout, golden: Golden, values: Float32Array): void {
  for (const part of layout.parts) {
    if (part.kind === 'lowRank' && part.factor === 'A')
      values.set(floats(golden, `${part.module.module}.a`), part.offset);
  }
}

describe.each(Object.keys(settings.methods))('%s', (method) => {
  test.each(Object.entries(PLANS))('losses and norms of every step, %s', async (_, createPlan) => {
    const { checkpoint, learning_rate, weight_decay } = settings.methods[method]!;
    const golden = await readGolden(`methods/${method}.safetensors`);
    const batches = await readGolden('curves/batches.safetensors');
    const base = await goldenWeights(checkpoint);
    const layout = layoutOf(method, base, golden);
    const state = initialState(layout.size);
    const weights = boundValues(base, layout, state.deltas, 1);
    startFactors(layout, golden, state.deltas);
    const plan = await createPlan(weights, layout);
    const stepper = createHostStepper(plan, effectiveWeights(weights, layout), createParameterUpdate(layout));
    await stepper.load(state);
    const [batchCount = 0, rows = 0, columns = 0] = integers(batches, 'input_ids').shape;
    const { steps, warmup_steps: warmupSteps, beta1, beta2, epsilon, max_grad_norm: maxGradNorm } = settings;
    for (let step = 1; step <= steps; step++) {
      const batch = goldenBatch(batches, ((step - 1) % batchCount) * rows * columns, rows);
      const { loss, gradNorm } = await stepper.step({
        step,
        microBatches: [batch],
        labelWeight: 1 / batch.labels.length,
        learningRate: learningRateAt({ kind: 'linear', peak: learning_rate, warmupSteps, totalSteps: steps }, step),
        optimizer: { beta1, beta2, epsilon, weightDecay: weight_decay },
        maxGradNorm,
      });
      expect(relativeError([loss], [doubles(golden, 'losses')[step - 1]!]), `loss of ${String(step)}`).toBeLessThan(
        1e-4,
      );
      expect(
        relativeError([gradNorm], [doubles(golden, 'grad_norms')[step - 1]!]),
        `norm of ${String(step)}`,
      ).toBeLessThan(1e-3);
    }
    await stepper.release();
  });
});
