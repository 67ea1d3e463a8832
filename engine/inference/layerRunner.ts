/** Runs the layers of a model forward, one at a time through one session that reads each layer's weights as inputs. */
import type { ModelConfig } from '../checkpoint/config/modelConfig.ts';
import { elementsOf } from '../graph/liveness.ts';
import type { Shape } from '../graph/shape.ts';
import { layerForward, LAYER_NAMES, type SavedActivations } from '../model/layerGraphs.ts';
import { layerKind } from '../model/parameters/modelParameters.ts';
import type { LayerWeights, ModelWeights } from '../model/weights/modelWeights.ts';
import { forwardTraining, type LayerTraining } from '../model/layerTraining.ts';
import { float32Tensor, type HostTensor } from '../runtime/tensor.ts';
import type { Session } from '../runtime/session.ts';
import { createGraphSession, type ExecutionOptions } from './graphSession.ts';
import { Scratch } from './scratch.ts';
import type { SharedFeeds, TokenRows } from './sharedFeeds.ts';

/** A layer's parameters as feeds. */
export function parameterFeeds(weights: LayerWeights, prefix = ''): Record<string, HostTensor> {
  const feeds: Record<string, HostTensor> = {};
  for (const [name, { data, shape }] of weights) feeds[prefix + name] = float32Tensor(data, shape);
  return feeds;
}

export interface LayerRunner {
  /**
   * @param hidden [batch, sequence, hidden], read
   * @param output as hidden, written; may not be the same array
   * @returns the saved activations by name, in memory that the layer's next forward pass writes again
   */
  forward(
    layer: number,
    rows: TokenRows,
    hidden: Float32Array,
    output: Float32Array,
    shared: SharedFeeds,
  ): Promise<Readonly<Record<string, HostTensor>>>;
  release(): Promise<void>;
}

/** @param training what each layer trains; its bypasses, whose factors are parameters of the layer, are computed */
export async function createLayerRunner(
  weights: ModelWeights,
  options: ExecutionOptions,
  saved: SavedActivations = 'none',
  training: readonly LayerTraining[] = [],
): Promise<LayerRunner> {
  const layers = await createForwardSessions(weights, options, saved, training);
  const scratch = new Scratch();
  return {
    async forward(layer, rows, hidden, output, shared) {
      const upcoming = layer + 1 < weights.config.layerCount ? layer + 1 : undefined;
      const parameters = parameterFeeds(await weights.layer(layer, upcoming));
      const feeds = { ...parameters, ...shared.forLayer(layer) };
      const { session, saved: shapes } = layers[layer] as LayerForward;
      const kept = savedTensors(scratch, layer, shapes, rows);
      return forwardLayer(session, rows, hidden, output, weights.config.hiddenSize, feeds, kept);
    },
    async release() {
      for (const session of new Set(layers.map(({ session }) => session))) await session.release();
    },
  };
}

/** How one layer goes forward. */
interface LayerForward {
  readonly session: Session;
  /** What is saved, by name. */
  readonly saved: ReadonlyMap<string, Shape>;
}

/** The session of each layer; layers of like shape share one. */
async function createForwardSessions(
  { config }: ModelWeights,
  options: ExecutionOptions,
  saved: SavedActivations,
  training: readonly LayerTraining[],
): Promise<readonly LayerForward[]> {
  const byShape = new Map<string, LayerForward>();
  const layers: LayerForward[] = [];
  for (let layer = 0; layer < config.layerCount; layer++) {
    const bypasses = forwardTraining(training[layer] ?? {});
    const kind = layerKind(config, layer);
    const shape = JSON.stringify([kind, bypasses]);
    const known = byShape.get(shape) ?? (await createLayerForward(config, bypasses, saved, kind, options));
    byShape.set(shape, known);
    layers.push(known);
  }
  return layers;
}

async function createLayerForward(
  config: ModelConfig,
  training: LayerTraining,
  saved: SavedActivations,
  layer: number,
  options: ExecutionOptions,
): Promise<LayerForward> {
  const graph = layerForward(config, training, saved, { layer, attention: options.attention });
  const shapes = new Map([...graph.outputs].map(([name, { shape }]) => [name, shape]));
  shapes.delete(LAYER_NAMES.output);
  return { session: await createGraphSession('layer forward', graph, options), saved: shapes };
}

/** Where a layer's saved activations are written: the same memory in every step. */
function savedTensors(
  scratch: Scratch,
  layer: number,
  saved: LayerForward['saved'],
  { batchSize, sequenceLength }: TokenRows,
): Record<string, HostTensor> {
  const sizes = { batch: batchSize, sequence: sequenceLength };
  const tensors = [...saved].map(([name, shape]) => {
    const concrete = shape.map((dimension) => elementsOf([dimension], sizes));
    const data = scratch.floats(`${String(layer)} ${name}`, elementsOf(shape, sizes));
    return [name, float32Tensor(data, concrete)] as const;
  });
  return Object.fromEntries(tensors);
}

/**
 * Takes a hidden state through one layer.
 *
 * @param saved where the session's further outputs are written
 * @returns `saved`
 */
export async function forwardLayer(
  session: Session,
  rows: TokenRows,
  hidden: Float32Array,
  output: Float32Array,
  hiddenSize: number,
  feeds: Readonly<Record<string, HostTensor>>,
  saved: Readonly<Record<string, HostTensor>> = {},
): Promise<Readonly<Record<string, HostTensor>>> {
  const shape = [rows.batchSize, rows.sequenceLength, hiddenSize];
  const fetches = { ...saved, [LAYER_NAMES.output]: float32Tensor(output, shape) };
  await session.run({ ...feeds, [LAYER_NAMES.hidden]: float32Tensor(hidden, shape) }, fetches);
  return saved;
}
