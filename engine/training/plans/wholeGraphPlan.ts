/** The whole-graph plan: forward and backward of the whole model in one session, most activations kept in memory. */
import type { MicroBatch } from '../../data/batches/microBatch.ts';
import { embedTokens } from '../../inference/embedding.ts';
import { createGraphSession, type ExecutionOptions } from '../../inference/graphSession.ts';
import { parameterFeeds } from '../../inference/layerRunner.ts';
import { Scratch } from '../../inference/scratch.ts';
import { SharedFeedSource, type SharedFeeds } from '../../inference/sharedFeeds.ts';
import { HEAD_NAMES } from '../../model/decoder/headGraph.ts';
import { LAYER_NAMES } from '../../model/layerGraphs.ts';
import { maskName, SHARED_INPUTS } from '../../model/layerInputs.ts';
import type { ResidentWeights } from '../../model/weights/residentWeights.ts';
import { chunkSuffix, labelRowsName, layerPrefix, wholeGraph } from '../../model/decoder/wholeGraph.ts';
import type { Session } from '../../runtime/session.ts';
import { float32Data, float32Tensor, int64Tensor, type HostTensor } from '../../runtime/tensor.ts';
import { addGradients, gradientFetches, selectionFeeds } from './deltaFeeds.ts';
import { noDropout, type Dropout } from './dropout.ts';
import type { ExecutionPlan } from './executionPlan.ts';
import type { TrainableLayout } from '../layouts/trainableLayout.ts';

/** It would replace what the graph computes again by what the forward pass made, which would have to be kept for it. */
const DISABLED_OPTIMIZERS = ['CommonSubexpressionElimination'];

/** @param headChunks parts that the labelled rows are computed in, so that logits of only one part exist at a time */
export async function createWholeGraphPlan(
  weights: ResidentWeights,
  layout: TrainableLayout,
  options: ExecutionOptions,
  headChunks: number,
  dropout: Dropout = noDropout,
): Promise<ExecutionPlan> {
  const graph = wholeGraph(weights.config, layout.layers, headChunks);
  const session = await createGraphSession('whole graph', graph, {
    ...options,
    disabledOptimizers: DISABLED_OPTIMIZERS,
  });
  const fixedFeeds = weights.layers.reduce<Record<string, HostTensor>>((feeds, parameters, layer) => {
    const prefix = layerPrefix(layer);
    return { ...feeds, ...parameterFeeds(parameters, prefix), ...selectionFeeds(layout, layer, prefix) };
  }, headParameters(weights));
  const shared = new SharedFeedSource(weights.config);
  const scratch = new Scratch();
  return {
    async accumulate(batch, labelWeight, gradients, place) {
      const { hiddenSize } = weights.config;
      const hidden = scratch.floats('hidden', batch.tokenIds.length * hiddenSize);
      await embedTokens(weights, batch.tokenIds, hidden);
      const feeds: Record<string, HostTensor> = {
        ...fixedFeeds,
        ...sharedInputs(weights, shared.feeds(batch)),
        ...labelFeeds(batch, labelWeight, headChunks),
        [LAYER_NAMES.hidden]: float32Tensor(hidden, [batch.batchSize, batch.sequenceLength, hiddenSize]),
      };
      for (const layer of weights.layers.keys()) {
        Object.assign(feeds, dropout(layer, batch, place, layerPrefix(layer)));
      }
      return runStep(session, feeds, layout, scratch, gradients, place?.microBatch === 0);
    },
    release: () => session.release(),
  };
}

async function runStep(
  session: Session,
  feeds: Readonly<Record<string, HostTensor>>,
  layout: TrainableLayout,
  scratch: Scratch,
  gradients: Float32Array,
  isFirst: boolean,
): Promise<number> {
  const fetches: Record<string, HostTensor | null> = {};
  for (const layer of layout.layers.keys()) {
    const into = isFirst ? gradients : undefined;
    Object.assign(fetches, gradientFetches(layout, layer, scratch, layerPrefix(layer), into));
  }
  const results = await session.run(feeds, { ...fetches, [HEAD_NAMES.loss]: null });
  for (const layer of layout.layers.keys()) addGradients(layout, layer, results, gradients, layerPrefix(layer));
  return float32Data(results[HEAD_NAMES.loss])[0] ?? 0;
}

function headParameters({ config, finalNorm, outputEmbedding }: ResidentWeights): Record<string, HostTensor> {
  return {
    [HEAD_NAMES.norm]: float32Tensor(finalNorm, [config.hiddenSize]),
    [HEAD_NAMES.embedding]: float32Tensor(outputEmbedding.data, [config.vocabularySize, config.hiddenSize]),
    gradLoss: float32Tensor(Float32Array.of(1), [1, 1]),
  };
}

/** The inputs that layers share; each attention window's mask under a name of its own. */
function sharedInputs(weights: ResidentWeights, shared: SharedFeeds): Record<string, HostTensor> {
  const feeds: Record<string, HostTensor> = {};
  weights.layers.forEach((_, layer) => {
    for (const [name, tensor] of Object.entries(shared.forLayer(layer))) {
      feeds[name === SHARED_INPUTS.mask ? maskName(weights.config.slidingWindows[layer] ?? null) : name] = tensor;
    }
  });
  return feeds;
}

/** The labelled rows in `chunks` nearly equal parts, some of them empty where there are fewer rows than parts. */
function labelFeeds(batch: MicroBatch, labelWeight: number, chunks: number): Record<string, HostTensor> {
  const feeds: Record<string, HostTensor> = {};
  const size = Math.ceil(batch.labelRows.length / chunks);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const rows = BigInt64Array.from(batch.labelRows.subarray(chunk * size, (chunk + 1) * size), BigInt);
    const labels = BigInt64Array.from(batch.labels.subarray(chunk * size, (chunk + 1) * size), BigInt);
    feeds[labelRowsName(chunk)] = int64Tensor(rows, [rows.length]);
    feeds[HEAD_NAMES.labels + chunkSuffix(chunk)] = int64Tensor(labels, [labels.length]);
    const weightColumn = new Float32Array(rows.length).fill(labelWeight);
    feeds[HEAD_NAMES.weights + chunkSuffix(chunk)] = float32Tensor(weightColumn, [rows.length, 1]);
  }
  return feeds;
}
