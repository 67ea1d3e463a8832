/** The graph inputs that a layer reads beside its hidden state: parameters, selected connections, angles and mask. */
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import type { EncoderConfig } from '../checkpoint/config/encoderConfig.ts';
import type { FloatType, Graph } from '../graph/graph.ts';
import { attention } from '../graph/operations/attention/attention.ts';
import { blockedAttention, type CausalReach } from '../graph/operations/attention/blockedAttention.ts';
import { effectiveWeight } from '../graph/operations/products/effectiveWeight.ts';
import type { RotaryAngles } from '../graph/operations/attention/rotary.ts';
import type { LayerSurroundings } from './decoder/decoderLayer.ts';
import type { EncoderSurroundings } from './encoder/encoderLayer.ts';
import type { LayerTraining, SelectedShape } from './layerTraining.ts';
import { projectionsOf } from './parameters/modelParameters.ts';
import type { Projection } from './parameters/stackedModules.ts';
import { trainedWeight, type TrainedWeight } from './trainedLinear.ts';

/** The selected connections of a layer, in shape; projections that are left out are frozen. */
export type LayerSelection = Readonly<Record<string, SelectedShape>>;

/** Names of the inputs that all layers share. */
export const SHARED_INPUTS = {
  positions: 'positions',
  cos: 'cos',
  sin: 'sin',
  mask: 'mask',
  segments: 'segments',
  window: 'window',
} as const;

/** Attention of all tokens at once, or in blocks of rows: slower for short sequences, and far smaller for long ones. */
export type AttentionKind = 'whole' | 'blocked';

/** Name of the mask of layers with this attention window, where layers with several windows stand in one graph. */
export function maskName(window: number | null): string {
  return window === null ? SHARED_INPUTS.mask : `${SHARED_INPUTS.mask}.${String(window)}`;
}

/** What tells the inputs of one layer from those of others in the same graph. */
export interface LayerNames {
  /** Put before the names of the layer's own inputs. */
  readonly prefix: string;
  readonly mask: string;
}

/**
 * What the weights that are fed hold: W + scatter(delta), written there by whoever owns them; or W as it is, so that the
 * graph adds the deltas itself.
 */
export type FedWeights = 'effective' | 'frozen';

const SINGLE_LAYER: LayerNames = { prefix: '', mask: SHARED_INPUTS.mask };

/** The type of a parameter in a graph that computes in `precision`: norms and biases, which are small, are float32 always. */
export function parameterType(shape: readonly number[], precision: FloatType): FloatType {
  return shape.length === 2 ? precision : 'float32';
}

/** Declares the inputs of a decoder's layer. */
export function surroundings(
  graph: Graph,
  config: DecoderConfig,
  training: LayerTraining,
  names: LayerNames = SINGLE_LAYER,
  weights: FedWeights = 'effective',
  kind: AttentionKind = 'whole',
  precision: FloatType = 'float32',
): LayerSurroundings {
  const scale = 1 / Math.sqrt(config.headSize);
  return {
    angles: angleInputs(graph, config.headSize),
    attend(query, key, value) {
      if (kind === 'blocked') return blockedAttention(graph, query, key, value, reachInputs(graph), scale);
      const mask = graph.input(names.mask, 'float32', [`${names.mask}.batch`, 1, 'sequence', 'sequence']);
      return attention(graph, query, key, value, mask, scale);
    },
    ...parameterInputs(graph, projectionsOf(config, 0), training, names.prefix, weights, precision),
  };
}

/** Declares the inputs of an encoder's layer, whose mask is [batch or 1, 1, sequence or 1, sequence]. */
export function encoderSurroundings(graph: Graph, config: EncoderConfig, training: LayerTraining): EncoderSurroundings {
  const { mask } = SHARED_INPUTS;
  return {
    angles: config.positions.kind === 'rotary' ? angleInputs(graph, config.headSize) : undefined,
    mask: graph.input(mask, 'float32', [`${mask}.batch`, 1, `${mask}.rows`, 'sequence']),
    ...parameterInputs(graph, projectionsOf(config, 0), training, '', 'effective', 'float32'),
  };
}

/** What a token sees, where attention is computed in blocks. */
function reachInputs(graph: Graph): CausalReach {
  return {
    segments: graph.input(SHARED_INPUTS.segments, 'int32', ['batch', 'sequence']),
    window: graph.input(SHARED_INPUTS.window, 'int64', [1]),
  };
}

function angleInputs(graph: Graph, headSize: number): RotaryAngles {
  const shape = ['positions', headSize / 2] as const;
  return {
    positions: graph.input(SHARED_INPUTS.positions, 'int64', ['batch', 'sequence']),
    cos: graph.input(SHARED_INPUTS.cos, 'float32', shape),
    sin: graph.input(SHARED_INPUTS.sin, 'float32', shape),
  };
}

function parameterInputs(
  graph: Graph,
  projections: readonly Projection[],
  training: LayerTraining,
  prefix: string,
  weights: FedWeights,
  precision: FloatType,
): Pick<LayerSurroundings, 'parameter' | 'trained'> {
  const shapes = new Map(projections.map(({ name, shape }) => [name, shape]));
  const trained = (projection: string): TrainedWeight | undefined => {
    const shape = shapes.get(projection);
    return shape === undefined ? undefined : trainedWeight(graph, prefix + projection, shape, training[projection]);
  };
  return {
    parameter(name, shape) {
      const fed = graph.input(prefix + name, parameterType(shape, precision), shape);
      if (weights === 'effective') return fed;
      const part = trained(name);
      if (part === undefined) return fed;
      if (part.kind !== 'selected') throw new Error(`${name}: only selected connections are added by the graph`);
      return effectiveWeight(graph, fed, part);
    },
    trained,
  };
}
