/** Runs the layers of a decoder forward, one at a time through one session that reads each layer's weights as inputs. */
import { layerForward, LAYER_NAMES, type SavedActivations } from '../model/layerGraphs.ts';
import type { DecoderWeights, LayerWeights } from '../model/decoderWeights.ts';
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

export async function createLayerRunner(
  weights: DecoderWeights,
  options: ExecutionOptions,
  saved: SavedActivations = 'none',
): Promise<LayerRunner> {
  const session = await createGraphSession('layer forward', layerForward(weights.config, {}, saved), options);
  const savedNames = session.outputNames.filter((name) => name !== LAYER_NAMES.output);
  return {
    savedNames,
    async forward(layer, rows, hidden, output, shared) {
      const upcoming = layer + 1 < weights.config.layerCount ? layer + 1 : undefined;
      const parameters = parameterFeeds(await weights.layer(layer, upcoming));
      const feeds = { ...parameters, ...shared.forLayer(layer) };
      return forwardLayer(session, rows, hidden, output, weights.config.hiddenSize, feeds);
    },
    release: () => session.release(),
  };
}

async function forwardLayer(
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
