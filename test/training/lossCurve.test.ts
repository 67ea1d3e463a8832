/** A hundred AdamW steps of the official algorithm, step by step against PyTorch. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adamWStep } from '../../engine/training/optimization/adamW.ts';
import { deltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import { effectiveWeights } from '../../engine/training/plans/effectiveWeights.ts';
import { clipGradients, gradientNorm } from '../../engine/training/optimization/gradientNorm.ts';
import { createLayeredPlan } from '../../engine/training/plans/layeredPlan.ts';
import { learningRateAt } from '../../engine/training/optimization/learningRate.ts';
import { initialState } from '../../engine/training/trainingState.ts';
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
} from './goldenModel.ts';

const { curves, ...shared } = JSON.parse(
  await readFile(join(GOLDEN, 'curves', 'curves.json'), 'utf8'),
) as SharedSettings & {
  readonly curves: Readonly<Record<string, CurveSettings>>;
};

describe.each(['plain', 'decay'])('the curve %s', (name) => {
  test('losses, rates and norms of every step, and the final deltas', async () => {
    const [weights, reference, batches] = [
      await goldenWeights('llama'),
      await readGolden(`curves/${name}.safetensors`),
      await readGolden('curves/batches.safetensors'),
    ];
    const settings = { ...shared, ...(curves[name] as CurveSettings) };
    const layout = deltaLayout(weights.config, goldenSelections(reference, weights));
    const plan = await createLayeredPlan(weights, layout, { device: 'cpu', threads: 1 }, 'none');
    const effective = effectiveWeights(weights, layout);
    const state = initialState(layout.size);
    const gradients = new Float32Array(layout.size);
    const [batchCount = 0, rows = 0, columns = 0] = integers(batches, 'input_ids').shape;
    for (let step = 1; step <= settings.steps; step++) {
      const batch = goldenBatch(batches, ((step - 1) % batchCount) * rows * columns, rows);
      gradients.fill(0);
      const loss = await plan.accumulate(batch, 1 / batch.labels.length, gradients);
      const norm = gradientNorm(gradients);
      clipGradients(gradients, norm, settings.max_grad_norm);
      const rate = learningRateAt(
        {
          kind: 'linear',
          peak: settings.learning_rate,
          warmupSteps: settings.warmup_steps,
          totalSteps: settings.steps,
        },
        step,
      );
      adamWStep(state.deltas, gradients, state.optimizer, step, rate, {
        beta1: settings.beta1,
        beta2: settings.beta2,
        epsilon: settings.epsilon,
        weightDecay: settings.weight_decay,
      });
      effective.apply(state.deltas);
      expect(
        relativeError([loss], [doubles(reference, 'losses')[step - 1] ?? NaN]),
        `loss of step ${String(step)}`,
      ).toBeLessThan(1e-4);
      expect(
        relativeError([norm], [doubles(reference, 'grad_norms')[step - 1] ?? NaN]),
        `norm of step ${String(step)}`,
      ).toBeLessThan(1e-3);
      expect(rate).toBeCloseTo(doubles(reference, 'learning_rates')[step - 1] ?? NaN, 9);
    }
    for (const { modules } of layout.projections) {
      for (const { selection, offset, length } of modules) {
        const deltas = floats(reference, `${selection.module}.deltas`);
        expect(relativeError(state.deltas.subarray(offset, offset + length), deltas), selection.module).toBeLessThan(
          1e-2,
        );
      }
    }
    await plan.release();
  });
});

interface SharedSettings {
  readonly steps: number;
  readonly learning_rate: number;
  readonly warmup_steps: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

interface CurveSettings {
  readonly weight_decay: number;
  readonly max_grad_norm: number;
}
