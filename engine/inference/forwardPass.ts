/** The forward pass of a model without saving anything: losses for evaluation, logits for generation and checks. */
import type { ModelConfig } from '../checkpoint/config/modelConfig.ts';
import type { MicroBatch } from '../data/batches/microBatch.ts';
import { withoutDropout, type LayerTraining } from '../model/layerTraining.ts';
import type { AnyWeights } from '../model/weights/anyWeights.ts';
import type { ExecutionOptions } from './graphSession.ts';
import { createLayerRunner, type LayerRunner } from './layerRunner.ts';
import type { ModelEnds } from './modelEnds.ts';
import { createEnds } from './createEnds.ts';
import { predictedTokens } from './predictions.ts';
import { Scratch } from './scratch.ts';
import type { TokenRows } from './sharedFeeds.ts';

export interface LossAndPredictions {
  readonly lossSum: number;
  readonly predicted: Int32Array;
}

export interface ForwardPass {
  /** Sum of the losses (nats) over all labels of a batch. */
  lossSum(batch: MicroBatch): Promise<number>;
  /** The same sum, and the most probable token at each label of a decoder: [labels]. */
  lossAndPredictions(batch: MicroBatch): Promise<LossAndPredictions>;
  /**
   * Logits [positions, outputs] at the given positions, each an index b * T + t: over the vocabulary, or over the labels of
   * the texts that begin there.
   */
  logits(rows: TokenRows, positions: Int32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * @param weights read at every call, so changes made in place are seen
 * @param training what each layer trains, where bypasses are among it
 */
export async function createForwardPass(
  weights: AnyWeights,
  options: ExecutionOptions,
  training: readonly LayerTraining[] = [],
): Promise<ForwardPass> {
  const runner = await createLayerRunner(weights, options, 'none', training.map(withoutDropout));
  return forwardPass(weights.config, runner, createEnds(weights, options));
}

/** @param runner released with the pass, as are the ends */
export function forwardPass(config: ModelConfig, runner: LayerRunner, ends: ModelEnds): ForwardPass {
  const scratch = new Scratch();
  const lastHidden = (rows: TokenRows): Promise<Float32Array> => runLayers(config, runner, rows, ends, scratch);
  return {
    lossSum: async (batch) => ends.loss(await lastHidden(batch), batch),
    lossAndPredictions: async (batch) => {
      const hidden = await lastHidden(batch);
      const lossSum = await ends.loss(hidden, batch);
      const logitsOf = (positions: Int32Array): Promise<Float32Array> => ends.logits(hidden, batch, positions);
      return { lossSum, predicted: await predictedTokens(batch.labelRows, logitsOf) };
    },
    logits: async (rows, positions) => ends.logits(await lastHidden(rows), rows, positions),
    release: () => releaseAll([runner, ends]),
  };
}

async function runLayers(
  config: ModelConfig,
  runner: LayerRunner,
  rows: TokenRows,
  ends: ModelEnds,
  scratch: Scratch,
): Promise<Float32Array> {
  const size = rows.tokenIds.length * config.hiddenSize;
  const shared = ends.feeds(rows);
  let hidden = scratch.floats('even', size);
  let output = scratch.floats('odd', size);
  await ends.embed(rows, hidden);
  for (let layer = 0; layer < config.layerCount; layer++) {
    await runner.forward(layer, rows, hidden, output, shared);
    [hidden, output] = [output, hidden];
  }
  return hidden;
}

/** Releases sessions one after the other. */
export async function releaseAll(parts: readonly Pick<ModelEnds, 'release'>[]): Promise<void> {
  for (const part of parts) await part.release();
}
