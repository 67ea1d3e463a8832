/** The forward pass of a decoder without saving anything: losses for evaluation, logits for generation and checks. */
import type { MicroBatch } from '../data/microBatch.ts';
import { withoutDropout, type LayerTraining } from '../model/layerTraining.ts';
import type { DecoderWeights } from '../model/decoderWeights.ts';
import { embedTokens } from './embedding.ts';
import type { ExecutionOptions } from './graphSession.ts';
import { createHead, type Head } from './head.ts';
import { createLayerRunner, type LayerRunner } from './layerRunner.ts';
import { Scratch } from './scratch.ts';
import { SharedFeedSource, type TokenRows } from './sharedFeeds.ts';

export interface ForwardPass {
  /** Sum of the losses (nats) over all labels of a batch. */
  lossSum(batch: MicroBatch): Promise<number>;
  /** Logits [positions, vocabulary] at the given positions, each an index b * T + t. */
  logits(rows: TokenRows, positions: Int32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * @param weights read at every call, so changes made in place are seen
 * @param training what each layer trains, where bypasses are among it
 */
export async function createForwardPass(
  weights: DecoderWeights,
  options: ExecutionOptions,
  training: readonly LayerTraining[] = [],
): Promise<ForwardPass> {
  const runner = await createLayerRunner(weights, options, 'none', training.map(withoutDropout));
  const head = createHead(weights, options);
  const shared = new SharedFeedSource(weights.config);
  const scratch = new Scratch();
  const lastHidden = (rows: TokenRows): Promise<Float32Array> => runLayers(weights, runner, rows, shared, scratch);
  return {
    async lossSum(batch) {
      return head.loss(await lastHidden(batch), { rows: batch.labelRows, labels: batch.labels, weight: 1 });
    },
    logits: async (rows, positions) => head.logits(await lastHidden(rows), positions),
    release: () => releaseAll([runner, head]),
  };
}

async function runLayers(
  weights: DecoderWeights,
  runner: LayerRunner,
  rows: TokenRows,
  source: SharedFeedSource,
  scratch: Scratch,
): Promise<Float32Array> {
  const size = rows.tokenIds.length * weights.config.hiddenSize;
  const shared = source.feeds(rows);
  let hidden = scratch.floats('even', size);
  let output = scratch.floats('odd', size);
  await embedTokens(weights, rows.tokenIds, hidden);
  for (let layer = 0; layer < weights.config.layerCount; layer++) {
    await runner.forward(layer, rows, hidden, output, shared);
    [hidden, output] = [output, hidden];
  }
  return hidden;
}

/** Releases sessions one after the other. */
export async function releaseAll(parts: readonly Pick<Head, 'release'>[]): Promise<void> {
  for (const part of parts) await part.release();
}
