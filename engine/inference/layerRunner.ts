/** Runs the layers of a model forward, one at a time through one session that reads each layer's weights as inputs. */
import { layerForward, LAYER_NAMES, type SavedActivations } from '../model/layerGraphs.ts';
import { layerKind } from '../model/parameters/modelParameters.ts';
import type { LayerWeights, ModelWeights } from '../model/weights/modelWeights.ts';
import { forwardTraining, type LayerTraining } from '../model/layerTraining.ts';
import { float32Tensor, type HostTensor } from '../runtime/tensor.ts';
import type { Session } from '../runtime/session.ts';
import { createGraphSession, type ExecutionOptions } from './graphSession.ts';
import type { SharedFeeds, TokenRows } from './sharedFeeds.ts';

/** A layer's parameters as feeds. */
export function parameterFeeds(weights: LayerWeights, prefix = ''): Record<string, HostTensor> {
  const feeds: Record<string, HostTensor> = {};
  for (const [name, { data, shape }] of weights) feeds[prefix + name] = float32Tensor(data, shape);
  return feeds;
}

export interface LayerRunner {
  /** Names of the activations that the runner saves, those of {@link SavedActivations}. */
  readonly savedNames: readonly string[];
  /**
   * @param hidden [batch, sequence, hidden], read
   * @param output as hidden, written; may not be the same array
   * @returns the saved activations by name
   */
  forward(
    layer: number,
    rows: TokenRows,
    hidden: Float32Array,
    output: Float32Array,
    shared: SharedFeeds,
  ): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

/** @param training what each layer trains; its bypasses, whose factors are parameters of the layer, are computed */
export async function createLayerRunner(
  weights: ModelWeights,
  options: ExecutionOptions,
  saved: SavedActivations = 'none',
  training: readonly LayerTraining[] = [],
): Promise<LayerRunner> {
  const sessions = await createForwardSessions(weights, options, saved, training);
  const savedNames = (sessions[0]?.outputNames ?? []).filter((name) => name !== LAYER_NAMES.output);
  return {
    savedNames,
    async forward(layer, rows, hidden, output, shared) {
      const upcoming = layer + 1 < weights.config.layerCount ? layer + 1 : undefined;
      const parameters = parameterFeeds(await weights.layer(layer, upcoming));
      const feeds = { ...parameters, ...shared.forLayer(layer) };
      return forwardLayer(sessions[layer] as Session, rows, hidden, output, weights.config.hiddenSize, feeds);
    },
    async release() {
      for (const session of new Set(sessions)) await session.release();
    },
  };
}

/** The session of each layer; layers of like shape share one. */
async function createForwardSessions(
  { config }: ModelWeights,
  options: ExecutionOptions,
  saved: SavedActivations,
  training: readonly LayerTraining[],
): Promise<readonly Session[]> {
  const byShape = new Map<string, Session>();
  const sessions: Session[] = [];
  for (let layer = 0; layer < config.layerCount; layer++) {
    const bypasses = forwardTraining(training[layer] ?? {});
    const kind = layerKind(config, layer);
    const shape = JSON.stringify([kind, bypasses]);
    const graph = layerForward(config, bypasses, saved, { layer: kind, attention: options.attention });
    const session = byShape.get(shape) ?? (await createGraphSession('layer forward', graph, options));
    byShape.set(shape, session);
    sessions.push(session);
  }
  return sessions;
}

/** Takes a hidden state through one layer; returns the saved activations by name. */
export async function forwardLayer(
  session: Session,
  rows: TokenRows,
  hidden: Float32Array,
  output: Float32Array,
  hiddenSize: number,
  feeds: Readonly<Record<string, HostTensor>>,
): Promise<Record<string, HostTensor>> {
  const shape = [rows.batchSize, rows.sequenceLength, hiddenSize];
  const fetches = Object.fromEntries(session.outputNames.map((name) => [name, null as HostTensor | null]));
  fetches[LAYER_NAMES.output] = float32Tensor(output, shape);
  const results = await session.run({ ...feeds, [LAYER_NAMES.hidden]: float32Tensor(hidden, shape) }, fetches);
  const saved: Record<string, HostTensor> = {};
  for (const [name, tensor] of Object.entries(results)) {
    if (name !== LAYER_NAMES.output) saved[name] = tensor as HostTensor;
  }
  return saved;
}
