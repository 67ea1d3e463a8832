/**
 * Scores for gradient selection: |dL/dW| of every weight of the target modules, accumulated over batches of training
 * data. It needs as much memory again as those weights take in float32, and is freed once the selection is made.
 */
import type { MicroBatch } from '../data/microBatch.ts';
import { createGraphSession, type ExecutionOptions } from '../inference/graphSession.ts';
import type { DecoderWeights } from '../model/decoderWeights.ts';
import { layerBackward } from '../model/layerGraphs.ts';
import { gradientName, type LayerTraining } from '../model/layerTraining.ts';
import { layerParameters, PROJECTION_NAMES, type ProjectionName } from '../model/parameters.ts';
import { float32Data, type RuntimeTensor } from '../runtime/tensor.ts';
import { createLayerWalk, type BackwardStep } from './layerWalk.ts';

/** [d_out, d_in] scores by module. */
export type GradientScores = ReadonlyMap<string, Float32Array>;

const ALL_WEIGHTS: LayerTraining = Object.fromEntries(PROJECTION_NAMES.map((name) => [name, { kind: 'dense' }]));

/**
 * @param modules names of the target modules; scores of others are not kept
 * @param onBatch told before each batch how many are done; what it throws ends the work
 */
export async function gradientScores(
  weights: DecoderWeights,
  modules: ReadonlySet<string>,
  batches: readonly MicroBatch[],
  options: ExecutionOptions,
  onBatch: (done: number) => void = () => undefined,
): Promise<GradientScores> {
  const session = await createGraphSession(
    'layer weight gradients',
    layerBackward(weights.config, ALL_WEIGHTS, 'none'),
    options,
  );
  const scores = new Map<string, Float32Array>();
  const layers = Array.from({ length: weights.config.layerCount }, (_, layer) => layer);
  const steps = layers.map((layer): BackwardStep => ({
    layer,
    session,
    feeds: {},
    fetches: () => Object.fromEntries(PROJECTION_NAMES.map((projection) => [gradientName(projection), null])),
    receive: (results) => {
      for (const projection of PROJECTION_NAMES) accumulate(weights, layer, projection, modules, results, scores);
    },
  }));
  const walk = await createLayerWalk(weights, options, 'none', steps);
  try {
    for (const [done, batch] of batches.entries()) {
      onBatch(done);
      await walk.run(batch, 1 / batch.labels.length);
    }
    return scores;
  } finally {
    await walk.release();
  }
}

function accumulate(
  weights: DecoderWeights,
  layer: number,
  projection: ProjectionName,
  modules: ReadonlySet<string>,
  results: Readonly<Record<string, RuntimeTensor>>,
  scores: Map<string, Float32Array>,
): void {
  const { sources, shape } = layerParameters(weights.config, layer).projections[projection];
  const gradients = float32Data(results[gradientName(projection)]);
  for (const { tensor, firstRow, rows } of sources) {
    const module = tensor.replace(/\.weight$/, '');
    if (!modules.has(module)) continue;
    const part = gradients.subarray(firstRow * shape[1], (firstRow + rows) * shape[1]);
    const sum = scores.get(module) ?? new Float32Array(part.length);
    for (let i = 0; i < part.length; i++) sum[i] = (sum[i] ?? 0) + Math.abs(part[i] ?? 0);
    scores.set(module, sum);
  }
}
