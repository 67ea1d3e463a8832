/** Every kind of trainable part in both plans: its gradients follow from those of the whole weights, which PyTorch gives. */
import { describe, expect, test } from 'vitest';
import type { ExecutionOptions } from '../../engine/inference/graphSession.ts';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import type { ResidentWeights } from '../../engine/model/weights/residentWeights.ts';
import { boundValues } from '../../engine/training/layouts/boundValues.ts';
import { denseLayout, maskedLayout } from '../../engine/training/layouts/denseLayout.ts';
import { entryLayout } from '../../engine/training/layouts/entryLayout.ts';
import type { ExecutionPlan } from '../../engine/training/plans/executionPlan.ts';
import { createLayeredPlan } from '../../engine/training/plans/layeredPlan.ts';
import { lowRankLayout } from '../../engine/training/layouts/lowRankLayout.ts';
import type { LowRankFactor, TrainableLayout } from '../../engine/training/layouts/trainableLayout.ts';
import { createWholeGraphPlan } from '../../engine/training/plans/wholeGraphPlan.ts';
import type { ModuleSelection } from '../../engine/selection/moduleSelection.ts';
import { floats, goldenBatch, goldenSelections, goldenWeights, readGolden, relativeError } from './goldenModel.ts';

const OPTIONS: ExecutionOptions = { device: 'cpu', threads: 1 };
const PLANS: Readonly<Record<string, (weights: ResidentWeights, layout: TrainableLayout) => Promise<ExecutionPlan>>> = {
  layered: (weights, layout) => createLayeredPlan(weights, layout, OPTIONS, 'none'),
  'layered, all saved': (weights, layout) => createLayeredPlan(weights, layout, OPTIONS, 'all'),
  'whole graph': (weights, layout) => createWholeGraphPlan(weights, layout, OPTIONS, 2),
};

const golden = await readGolden('architectures/llama.safetensors');
const selections = goldenSelections(golden, await goldenWeights('llama'));

/** Positions of a module's selected connections in its weight. */
function positionsOf({ indices, k, columns }: ModuleSelection): Int32Array {
  return indices.map((column, entry) => Math.floor(entry / k) * columns + column);
}

async function gradientsOf(
  weights: ResidentWeights,
  layout: TrainableLayout,
  plan: string,
): Promise<{ loss: number; gradients: Float32Array }> {
  const execution = await (PLANS[plan] ?? PLANS['layered']!)(weights, layout);
  const gradients = new Float32Array(layout.size);
  const batch = goldenBatch(golden);
  const loss = await execution.accumulate(batch, 1 / batch.labels.length, gradients);
  await execution.release();
  return { loss, gradients };
}

describe.each(Object.keys(PLANS))('%s', (plan) => {
  test('entries have the gradients of the selected connections that they are', async () => {
    const weights = await goldenWeights('llama');
    const layout = entryLayout(
      weights.config,
      selections.map((selection) => ({ ...selection, positions: positionsOf(selection) })),
    );
    const { gradients } = await gradientsOf(weights, layout, plan);
    for (const part of layout.parts) {
      if (part.kind !== 'entries') throw new Error(part.kind);
      for (const { module, offset, length } of part.modules) {
        const found = gradients.subarray(offset, offset + length);
        expect(relativeError(found, floats(golden, `${module}.gradients`)), module).toBeLessThan(1e-4);
      }
    }
  });

  test('a masked gradient is that of the selected connections, and zero elsewhere', async () => {
    const weights = await goldenWeights('llama');
    const layout = maskedLayout(weights.config, selections);
    const { gradients } = await gradientsOf(weights, layout, plan);
    const down = selections.find(({ module }) => module === 'model.layers.1.mlp.down_proj')!;
    const part = layout.parts.find(({ layer, input }) => layer === 1 && input === 'down')!;
    const expected = new Float32Array(part.length);
    const reference = floats(golden, `${down.module}.gradients`);
    positionsOf(down).forEach((position, entry) => (expected[position] = reference[entry]!));
    expect(relativeError(gradients.subarray(part.offset, part.offset + part.length), expected)).toBeLessThan(1e-4);
  });

  test('a module in a stacked matrix is trained alone', async () => {
    const weights = await goldenWeights('llama');
    const whole = denseLayout(weights.config, new Set(['model.layers.0.self_attn.k_proj.weight']));
    const { gradients } = await gradientsOf(weights, whole, plan);
    const [part] = whole.parts;
    if (part?.kind !== 'dense') throw new Error('expected dense values');
    const k = selections.find(({ module }) => module === 'model.layers.0.self_attn.k_proj')!;
    const firstRow = part.mask!.indexOf(1) / k.columns;
    const found = Float32Array.from(positionsOf(k), (position) => gradients[firstRow * k.columns + position]!);
    expect(relativeError(found, floats(golden, `${k.module}.gradients`))).toBeLessThan(1e-4);
    expect(gradients.filter((value) => value !== 0).length).toBeLessThanOrEqual(k.rows * k.columns);
  });

  test('a bypass has the loss and the gradients of the product that it stands for', async () => {
    const adapted = new Set(['model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.down_proj']);
    const base = await goldenWeights('llama');
    const layout = lowRankLayout(base.config, adapted, { rank: 2, scale: 1.5, hasDropout: false });
    const values = new Float32Array(layout.size);
    const weights = boundValues(base, layout, values, 7);
    layout.parts.forEach((part) => {
      const { offset, length } = part;
      if (part.kind === 'lowRank' && part.factor === 'B')
        for (let i = 0; i < length; i++) values[offset + i] = Math.sin(i) / 10;
    });
    const { loss, gradients } = await gradientsOf(weights, layout, plan);

    const merged = await goldenWeights('llama');
    const factors = layout.parts as readonly LowRankFactor[];
    for (const [a, b] of pairs(factors)) writeProduct(merged, a, b, values, 1.5);
    const dense = denseLayout(merged.config, new Set([...adapted].map((module) => `${module}.weight`)));
    const reference = await gradientsOf(merged, dense, plan);
    expect(relativeError([loss], [reference.loss])).toBeLessThan(1e-5);
    for (const [a, b] of pairs(factors)) {
      const part = dense.parts.find(({ layer, input }) => layer === a.layer && input === a.parameter)!;
      const gradient = reference.gradients.subarray(part.offset, part.offset + part.length);
      const { gradA, gradB } = factorGradients(gradient, a, b, values, 1.5);
      expect(relativeError(gradients.subarray(a.offset, a.offset + a.length), gradA), a.input).toBeLessThan(1e-4);
      expect(relativeError(gradients.subarray(b.offset, b.offset + b.length), gradB), b.input).toBeLessThan(1e-4);
    }

    const batch = goldenBatch(golden);
    const forward = await createForwardPass(weights, OPTIONS, layout.layers);
    expect(relativeError([(await forward.lossSum(batch)) / batch.labels.length], [loss])).toBeLessThan(1e-5);
    await forward.release();
  });
});

function pairs(factors: readonly LowRankFactor[]): (readonly [a: LowRankFactor, b: LowRankFactor])[] {
  return factors.flatMap((a, index) => (a.factor === 'A' ? [[a, factors[index + 1]!] as const] : []));
}

/** W += scale B A; both modules begin at the first row of their matrix. */
function writeProduct(
  weights: ResidentWeights,
  a: LowRankFactor,
  b: LowRankFactor,
  values: Float32Array,
  scale: number,
): void {
  const { data } = weights.layers[a.layer]!.get(a.parameter)!;
  const { rows, columns } = a.module;
  const rank = a.shape[0]!;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let r = 0; r < rank; r++)
        data[row * columns + column]! +=
          scale * values[b.offset + row * rank + r]! * values[a.offset + r * columns + column]!;
}

/** dA = scale B^T dW and dB = scale dW A^T. */
function factorGradients(
  gradient: Float32Array,
  a: LowRankFactor,
  b: LowRankFactor,
  values: Float32Array,
  scale: number,
): { gradA: Float32Array; gradB: Float32Array } {
  const { rows, columns } = a.module;
  const rank = a.shape[0]!;
  const [gradA, gradB] = [new Float32Array(a.length), new Float32Array(b.length)];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let r = 0; r < rank; r++) {
        const d = scale * gradient[row * columns + column]!;
        gradA[r * columns + column]! += d * values[b.offset + row * rank + r]!;
        gradB[row * rank + r]! += d * values[a.offset + r * columns + column]!;
      }
  return { gradA, gradB };
}
