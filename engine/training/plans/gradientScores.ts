/**
 * Scores for gradient selection: |dL/dW| of every weight of the target modules, accumulated over batches of training
 * data. It needs as much memory again as those weights take in float32, and is freed once the selection is made.
 */
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import type { MicroBatch } from '../../data/batches/microBatch.ts';
import { createGraphSession, type ExecutionOptions } from '../../inference/graphSession.ts';
import { parameterFeeds } from '../../inference/layerRunner.ts';
import type { AnyWeights } from '../../model/weights/anyWeights.ts';
import { layerBackward, type NamedGraph } from '../../model/layerGraphs.ts';
import { gradientName, type LayerTraining } from '../../model/layerTraining.ts';
import { layerKind, projectionsOf } from '../../model/parameters/modelParameters.ts';
import type { Projection } from '../../model/parameters/stackedModules.ts';
import type { Session } from '../../runtime/session.ts';
import { float32Data, type RuntimeTensor } from '../../runtime/tensor.ts';
import { createLayerWalk, type BackwardStep } from './layerWalk.ts';

/** [d_out, d_in] scores by module. */
export type GradientScores = ReadonlyMap<string, Float32Array>;

/**
 * @param modules names of the target modules; scores of others are not kept
 * @param onBatch told before each batch how many are done; what it throws ends the work
 */
export async function gradientScores(
  weights: AnyWeights,
  modules: ReadonlySet<string>,
  batches: readonly MicroBatch[],
  options: ExecutionOptions,
  onBatch: (done: number) => void = () => undefined,
): Promise<GradientScores> {
  const { config } = weights;
  const sessions = new Map<number, Session>();
  const scores = new Map<string, Float32Array>();
  const steps: BackwardStep[] = [];
  for (let layer = 0; layer < config.layerCount; layer++) {
    const projections = projectionsOf(config, layer);
    const kind = layerKind(config, layer);
    const session =
      sessions.get(kind) ?? (await createGraphSession('layer weight gradients', allWeights(config, kind), options));
    sessions.set(kind, session);
    steps.push({
      layer,
      session,
      feeds: async (upcoming) => parameterFeeds(await weights.layer(layer, upcoming)),
      fetches: () => Object.fromEntries(projections.map(({ name }) => [gradientName(name), null])),
      receive: (results) => {
        for (const projection of projections) accumulate(projection, modules, results, scores);
      },
    });
  }
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

/** The graph of a layer that gives the gradients of all its weights. */
function allWeights(config: ModelConfig, layer: number): NamedGraph {
  const training: LayerTraining = Object.fromEntries(
    projectionsOf(config, layer).map(({ name }) => [name, { kind: 'dense' }]),
  );
  return layerBackward(config, training, 'none', { layer });
}

function accumulate(
  { name, sources, shape }: Projection,
  modules: ReadonlySet<string>,
  results: Readonly<Record<string, RuntimeTensor>>,
  scores: Map<string, Float32Array>,
): void {
  const gradients = float32Data(results[gradientName(name)]);
  for (const { tensor, firstRow, rows } of sources) {
    const module = tensor.replace(/\.weight$/, '');
    if (!modules.has(module)) continue;
    const part = gradients.subarray(firstRow * shape[1], (firstRow + rows) * shape[1]);
    const sum = scores.get(module) ?? new Float32Array(part.length);
    for (let i = 0; i < part.length; i++) sum[i] = (sum[i] ?? 0) + Math.abs(part[i] ?? 0);
    scores.set(module, sum);
  }
}
