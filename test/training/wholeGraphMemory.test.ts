/** The whole graph frees most of what its forward pass made: the runtime really computes it again, and only when it is needed. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { deltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import { createWholeGraphPlan } from '../../engine/training/plans/wholeGraphPlan.ts';
import { goldenBatch, goldenSelections, goldenWeights, readGolden } from './goldenModel.ts';

interface ProfileEvent {
  readonly name: string;
  readonly args?: { readonly op_name?: string };
}

/** Types of the operators in the order in which a step executes them. */
async function executedOperators(): Promise<{ operators: readonly string[]; layers: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-profile-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [weights, golden] = [await goldenWeights('llama'), await readGolden('architectures/llama.safetensors')];
  const layout = deltaLayout(weights.config, goldenSelections(golden, weights));
  const options = { device: 'cpu', threads: 1, profilePath: join(folder, 'step') } as const;
  const plan = await createWholeGraphPlan(weights, layout, options, 1);
  const batch = goldenBatch(golden);
  await plan.accumulate(batch, 1 / batch.labels.length, new Float32Array(layout.size));
  await plan.release();
  const [file] = await readdir(folder);
  const events = JSON.parse(await readFile(join(folder, file!), 'utf8')) as readonly ProfileEvent[];
  const operators = events.flatMap(({ name, args }) => (name.endsWith('_kernel_time') ? [args?.op_name ?? ''] : []));
  return { operators, layers: weights.config.layerCount };
}

test('norms, probabilities and gates are computed again, layer by layer on the way back', async () => {
  const { operators, layers } = await executedOperators();
  expect(layers).toBeGreaterThan(1);
  // The loss has a softmax of its own, and the head a norm.
  for (const [operator, count] of [
    ['Softmax', 2 * layers + 1],
    ['QuickGelu', 2 * layers],
    ['SimplifiedLayerNormalization', 4 * layers + 1],
  ] as const) {
    const places = operators.flatMap((name, index) => (name === operator ? [index] : []));
    expect(places, operator).toHaveLength(count);
    // Before each turn on the way back stand the products that what was made before was needed for.
    const wayBack = places.slice(-Math.floor(count / 2) - 1);
    for (const [turn, place] of wayBack.slice(1).entries()) {
      const between = operators.slice(wayBack[turn], place);
      expect(between.filter((name) => name.includes('MatMul')).length, operator).toBeGreaterThan(1);
    }
  }
});
