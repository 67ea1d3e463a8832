/** Weights kept as in the checkpoint, in memory or in its files, against the same weights as float32: every number alike. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { createDecoder } from '../../engine/inference/decoder.ts';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import type { DecoderWeights } from '../../engine/model/weights/decoderWeights.ts';
import { loadWeights } from '../../engine/model/weights/residentWeights.ts';
import { loadStoredWeights, streamWeights } from '../../engine/model/weights/storedWeights.ts';
import { deltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import { effectiveWeights } from '../../engine/training/plans/effectiveWeights.ts';
import { createHostStepper } from '../../engine/training/hostStepper.ts';
import { createLayeredPlan } from '../../engine/training/plans/layeredPlan.ts';
import { createParameterUpdate } from '../../engine/training/plans/parameterUpdate.ts';
import { initialState } from '../../engine/training/trainingState.ts';
import { writeNarrow } from '../checkpoint/narrowCheckpoint.ts';
import { GOLDEN, goldenBatch, goldenSelections, readGolden, type Golden } from '../training/goldenModel.ts';

const OPTIONS = { device: 'cpu', threads: 1 } as const;
const STEPS = 4;
const ARCHITECTURES = join(GOLDEN, 'architectures');

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'neuroada-stored-'));
  await writeNarrow(join(ARCHITECTURES, 'qwen2'), join(folder, 'qwen2-f16'));
});

afterAll(() => rm(folder, { recursive: true }));

type Open = (checkpoint: string) => Promise<DecoderWeights>;

const resident: Open = async (path) => {
  const checkpoint = await openCheckpoint(path);
  const weights = await loadWeights(checkpoint);
  await checkpoint.close();
  return weights;
};

const KINDS: Readonly<Record<string, Open>> = {
  'as stored': async (path) => {
    const checkpoint = await openCheckpoint(path);
    const weights = await loadStoredWeights(checkpoint);
    await checkpoint.close();
    return weights;
  },
  'as stored, the first layer as float32': async (path) => {
    const checkpoint = await openCheckpoint(path);
    const weights = await loadStoredWeights(checkpoint, 1);
    await checkpoint.close();
    return weights;
  },
  streamed: async (path) => streamWeights(await openCheckpoint(path)),
};

/** Numbers of a few steps of training and of evaluations in between, two sets of deltas lying on top of each other. */
async function trained(weights: DecoderWeights, golden: Golden): Promise<readonly Float32Array[]> {
  const layout = deltaLayout(weights.config, goldenSelections(golden, weights));
  effectiveWeights(weights, layout).apply(
    Float32Array.from({ length: layout.size }, (_, index) => Math.sin(index) / 7),
  );
  const plan = await createLayeredPlan(weights, layout, OPTIONS, 'none');
  const stepper = createHostStepper(plan, effectiveWeights(weights, layout), createParameterUpdate(layout));
  const forward = await createForwardPass(weights, OPTIONS);
  const state = initialState(layout.size);
  const batch = goldenBatch(golden);
  const numbers: Float32Array[] = [];
  await stepper.load(state);
  for (let step = 1; step <= STEPS; step++) {
    const { loss, gradNorm } = await stepper.step({
      step,
      microBatches: [batch],
      labelWeight: 1 / batch.labels.length,
      learningRate: 0.01,
      optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
      maxGradNorm: 1,
    });
    const logits = await forward.logits(batch, Int32Array.from(batch.tokenIds.keys()));
    numbers.push(Float32Array.of(loss, gradNorm, await forward.lossSum(batch)), logits, state.deltas.slice());
  }
  await stepper.release();
  await forward.release();
  return numbers;
}

/** Logits of prompts of different lengths, and of tokens after them. */
async function generated(weights: DecoderWeights): Promise<readonly Float32Array[]> {
  const decoder = await createDecoder(weights, { threads: 1 });
  const cache = decoder.openCache(2, 8);
  const prompts = [Int32Array.of(1, 5, 9), Int32Array.of(2)];
  const numbers = [(await decoder.readPrompts(cache, 0, prompts)).slice()];
  for (const token of [3, 4]) numbers.push((await decoder.readTokens(cache, Int32Array.of(token, token + 1))).slice());
  await decoder.release();
  return numbers;
}

describe.each([
  ['bf16, sharded, untied', 'llama-bf16-sharded', join(ARCHITECTURES, 'llama-bf16-sharded')],
  ['f16 with f32 norms and biases, tied', 'qwen2', 'qwen2-f16'],
  ['f32', 'qwen3', join(ARCHITECTURES, 'qwen3')],
])('%s', (_, reference, path) => {
  test.each(Object.entries(KINDS))('%s: training, evaluation and generation', async (_kind, open) => {
    const golden = await readGolden(`architectures/${reference}.safetensors`);
    const checkpoint = join(path.startsWith('/') ? '' : folder, path);
    const [expected, found] = [await resident(checkpoint), await open(checkpoint)];
    expect(await generated(found)).toEqual(await generated(expected));
    expect(await trained(found, golden)).toEqual(await trained(expected, golden));
    await found.release();
  });
});
