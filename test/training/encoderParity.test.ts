/** Hidden states, logits, losses and the gradients of deltas and head of every encoder against transformers. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { EncoderConfig } from '../../engine/checkpoint/config/encoderConfig.ts';
import type { MicroBatch } from '../../engine/data/batches/microBatch.ts';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import type { ExecutionOptions } from '../../engine/inference/graphSession.ts';
import { createLayerRunner } from '../../engine/inference/layerRunner.ts';
import { createEnds } from '../../engine/inference/createEnds.ts';
import { loadEncoderWeights, type EncoderWeights } from '../../engine/model/weights/encoderWeights.ts';
import type { SavedActivations } from '../../engine/model/layerGraphs.ts';
import type { ModuleSelection } from '../../engine/selection/moduleSelection.ts';
import { linearModules } from '../../engine/selection/targetModules.ts';
import { boundValues } from '../../engine/training/layouts/boundValues.ts';
import { deltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import { effectiveWeights } from '../../engine/training/plans/effectiveWeights.ts';
import { headParts, withTrainedHead } from '../../engine/training/layouts/headLayout.ts';
import { headStart } from '../../engine/training/layouts/headStart.ts';
import { createHostStepper } from '../../engine/training/hostStepper.ts';
import { createLayeredPlan } from '../../engine/training/plans/layeredPlan.ts';
import { createParameterUpdate } from '../../engine/training/plans/parameterUpdate.ts';
import { initialState } from '../../engine/training/trainingState.ts';
import { doubles, floats, GOLDEN, integers, readGolden, relativeError, type Golden } from './goldenModel.ts';

const OPTIONS: ExecutionOptions = { device: 'cpu', threads: 1 };
const ENCODERS = ['bert', 'roberta', 'distilbert', 'modernbert', 'modernbert-mean'] as const;

async function weightsOf(name: string): Promise<EncoderWeights> {
  const checkpoint = await openCheckpoint(join(GOLDEN, 'encoders', name));
  try {
    if (checkpoint.config.family !== 'encoder') throw new Error('not an encoder');
    return await loadEncoderWeights(checkpoint, checkpoint.config, headStart(1));
  } finally {
    await checkpoint.close();
  }
}

function batchOf(golden: Golden): MicroBatch {
  const { data: tokenIds, shape } = integers(golden, 'input_ids');
  const [batchSize = 0, sequenceLength = 0] = shape;
  const lengths = integers(golden, 'lengths').data;
  const inRow = (index: number): number => index % sequenceLength;
  const row = (index: number): number => Math.floor(index / sequenceLength);
  const labels = golden.get('labels')?.data;
  return {
    batchSize,
    sequenceLength,
    tokenIds,
    positions: Int32Array.from(tokenIds, (_, index) => inRow(index)),
    segments: Int32Array.from(tokenIds, (_, index) => (inRow(index) < (lengths[row(index)] ?? 0) ? 0 : -1)),
    ...(golden.has('token_type_ids') ? { typeIds: integers(golden, 'token_type_ids').data } : {}),
    labelRows: Int32Array.from({ length: batchSize }, (_, text) => text * sequenceLength),
    labels: labels instanceof Int32Array ? labels : new Int32Array(batchSize),
    ...(labels instanceof Float32Array ? { values: labels } : {}),
    tokenCount: lengths.reduce((a, b) => a + b, 0),
  };
}

async function lastHidden(weights: EncoderWeights, batch: MicroBatch): Promise<Float32Array> {
  const [runner, ends] = [await createLayerRunner(weights, OPTIONS), createEnds(weights, OPTIONS)];
  let hidden = new Float32Array(batch.tokenIds.length * weights.config.hiddenSize);
  await ends.embed(batch, hidden);
  for (let layer = 0; layer < weights.config.layerCount; layer++) {
    const output = new Float32Array(hidden.length);
    await runner.forward(layer, batch, hidden, output, ends.feeds(batch));
    hidden = output;
  }
  await runner.release();
  return hidden.map((value, index) =>
    batch.segments?.[Math.floor(index / weights.config.hiddenSize)] === 0 ? value : 0,
  );
}

function selections(golden: Golden, config: EncoderConfig): readonly ModuleSelection[] {
  return linearModules(config).map(({ module, rows, columns }) => {
    const { shape, data } = integers(golden, `${module}.indices`);
    return { module, rows, columns, k: shape[1] ?? 0, neurons: null, indices: data };
  });
}

test.each([
  ['bert', 'bert'],
  ['bert-headless', 'bert'],
  ['roberta', 'roberta'],
  ['distilbert', 'distilbert'],
])('the hidden states of %s', async (name, golden) => {
  const [weights, values] = [await weightsOf(name), await readGolden(`encoders/${golden}.safetensors`)];
  expect(relativeError(await lastHidden(weights, batchOf(values)), floats(values, 'hidden'))).toBeLessThan(1e-5);
});

describe.each(ENCODERS)('%s', (name) => {
  test('logits and loss', async () => {
    const [weights, golden] = [await weightsOf(name), await readGolden(`encoders/${name}.safetensors`)];
    const forward = await createForwardPass(weights, OPTIONS);
    const batch = batchOf(golden);
    expect(relativeError(await forward.logits(batch, batch.labelRows), floats(golden, 'logits'))).toBeLessThan(1e-4);
    const loss = (await forward.lossSum(batch)) / batch.labels.length;
    expect(relativeError([loss], floats(golden, 'loss'))).toBeLessThan(1e-4);
    await forward.release();
  });

  test('packed into one row, texts do not see each other', async () => {
    const [weights, golden] = [await weightsOf(name), await readGolden(`encoders/${name}.safetensors`)];
    const forward = await createForwardPass(weights, OPTIONS);
    const packed = inOneRow(batchOf(golden));
    expect(relativeError(await forward.logits(packed, packed.labelRows), floats(golden, 'logits'))).toBeLessThan(1e-4);
    await forward.release();
  });

  test.each<SavedActivations>(['none', 'attention', 'all'])(
    'gradients of deltas and head, saving %s',
    async (saved) => {
      const [weights, golden] = [await weightsOf(name), await readGolden(`encoders/${name}.safetensors`)];
      const layout = withTrainedHead(deltaLayout(weights.config, selections(golden, weights.config)), weights.config);
      const values = new Float32Array(layout.size);
      const bound = boundValues(weights, layout, values, 1);
      effectiveWeights(bound, layout).apply(values);
      const plan = await createLayeredPlan(bound, layout, OPTIONS, saved);
      const [batch, gradients] = [batchOf(golden), new Float32Array(layout.size)];
      const loss = await plan.accumulate(batch, 1 / batch.labels.length, gradients);
      await plan.release();
      expect(relativeError([loss], floats(golden, 'loss'))).toBeLessThan(1e-4);
      const expectGradient = (found: Float32Array, tensor: string): void => {
        expect(relativeError(found, floats(golden, tensor)), tensor).toBeLessThan(1e-4);
      };
      for (const { selection, offset, length } of layout.projections.flatMap(({ modules }) => modules)) {
        expectGradient(gradients.subarray(offset, offset + length), `${selection.module}.gradients`);
      }
      const head = headParts(layout);
      expect(head.map(({ input }) => `${input}.gradient`).toSorted()).toEqual(
        [...golden.keys()].filter((key) => key.endsWith('.gradient')).toSorted(),
      );
      for (const { input, offset, length } of head) {
        expectGradient(gradients.subarray(offset, offset + length), `${input}.gradient`);
      }
    },
  );
});

test.each(ENCODERS)('fifty steps of deltas and head together, with weight decay, %s', async (name) => {
  const [weights, golden] = [await weightsOf(name), await readGolden(`encoders/${name}.safetensors`)];
  const losses = doubles(await readGolden(`encoders/${name}.curve.safetensors`), 'losses');
  const layout = withTrainedHead(deltaLayout(weights.config, selections(golden, weights.config)), weights.config);
  const state = initialState(layout.size);
  const bound = boundValues(weights, layout, state.deltas, 1);
  const plan = await createLayeredPlan(bound, layout, OPTIONS, 'none');
  const stepper = createHostStepper(plan, effectiveWeights(bound, layout), createParameterUpdate(layout));
  await stepper.load(state);
  const batch = batchOf(golden);
  const optimizer = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 };
  const request = { microBatches: [batch], labelWeight: 1 / batch.labels.length, learningRate: 1e-3, optimizer };
  for (const [index, expected] of losses.entries()) {
    const { loss } = await stepper.step({ ...request, step: index + 1, maxGradNorm: null });
    expect(Math.abs(loss - expected) / expected, `step ${String(index + 1)}`).toBeLessThan(1e-4);
  }
  await stepper.release();
});

/** The same texts behind each other in one row. */
function inOneRow({ batchSize, sequenceLength, segments, ...batch }: MicroBatch): MicroBatch {
  const kept = [...batch.tokenIds.keys()].filter((index) => segments?.[index] === 0);
  const pick = (values: Int32Array): Int32Array => Int32Array.from(kept, (index) => values[index] ?? 0);
  const rows = Int32Array.from(kept, (index) => Math.floor(index / sequenceLength));
  return {
    ...batch,
    batchSize: 1,
    sequenceLength: kept.length,
    tokenIds: pick(batch.tokenIds),
    positions: pick(batch.positions),
    segments: rows,
    ...(batch.typeIds === undefined ? {} : { typeIds: pick(batch.typeIds) }),
    labelRows: Int32Array.from({ length: batchSize }, (_, text) => rows.indexOf(text)),
  };
}
