/** The graph inputs that a layer reads beside its hidden state: parameters, selected connections, angles and mask. */
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';
import type { Graph } from '../graph/graph.ts';
import { effectiveWeight } from '../graph/operations/effectiveWeight.ts';
import type { LayerSurroundings } from './decoderLayer.ts';
import type { LayerTraining, SelectedShape } from './layerTraining.ts';
import { layerParameters, PROJECTION_NAMES, type ProjectionName } from './parameters.ts';
import { trainedWeight, type TrainedWeight } from './trainedLinear.ts';

/** The selected connections of a layer, in shape; projections that are left out are frozen. */
export type LayerSelection = Readonly<Partial<Record<ProjectionName, SelectedShape>>>;

/** Names of the inputs that all layers share. */
export const SHARED_INPUTS = { positions: 'positions', cos: 'cos', sin: 'sin', mask: 'mask' } as const;

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

/** Declares the inputs of a layer. */
export function surroundings(
  graph: Graph,
  config: DecoderConfig,
  training: LayerTraining,
  { prefix, mask }: LayerNames = SINGLE_LAYER,
  weights: FedWeights = 'effective',
): LayerSurroundings {
  const angleShape = ['positions', config.headSize / 2] as const;
  const { projections } = layerParameters(config, 0);
  const trained = (projection: ProjectionName): TrainedWeight | undefined =>
    trainedWeight(graph, prefix + projection, projections[projection].shape, training[projection]);
  return {
    angles: {
      positions: graph.input(SHARED_INPUTS.positions, 'int64', ['batch', 'sequence']),
      cos: graph.input(SHARED_INPUTS.cos, 'float32', angleShape),
      sin: graph.input(SHARED_INPUTS.sin, 'float32', angleShape),
    },
    mask: graph.input(mask, 'float32', [`${mask}.batch`, 1, 'sequence', 'sequence']),
    parameter(name, shape) {
      const fed = graph.input(prefix + name, 'float32', shape);
      if (weights === 'effective' || !isProjection(name)) return fed;
      const part = trained(name);
      if (part === undefined) return fed;
      if (part.kind !== 'selected') throw new Error(`${name}: only selected connections are added by the graph`);
      return effectiveWeight(graph, fed, part);
    },
    trained,
  };
}

function isProjection(name: string): name is ProjectionName {
  return (PROJECTION_NAMES as readonly string[]).includes(name);
}
