/**
 * The two graphs that serve every layer of the layered plan: forward, and backward with whatever the forward pass did
 * not save computed again. Both read their weights as inputs, so one session of each serves all layers of like shape.
 */
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';
import { differentiate } from '../graph/differentiate.ts';
import { Graph, type Value } from '../graph/graph.ts';
import type { GivenValues } from '../graph/lowering.ts';
import { decoderLayer, type DecoderLayer } from './decoderLayer.ts';
import { surroundings, type LayerSelection } from './layerInputs.ts';
import { PROJECTION_NAMES } from './parameters.ts';

/** What the layered plan keeps of each layer's forward pass. */
export type SavedActivations = 'none' | 'attention' | 'all';

/** A graph and its outputs by name. */
export interface NamedGraph {
  readonly graph: Graph;
  readonly outputs: ReadonlyMap<string, Value>;
  /** Values that are fed instead of computed. */
  readonly given?: GivenValues;
}

/** Names of the inputs and outputs that are not parameters. */
export const LAYER_NAMES = { hidden: 'hidden', output: 'output', gradOutput: 'gradOutput', gradHidden: 'gradHidden' } as const;

/** Output name of the gradient of a projection's deltas. */
export function gradDeltaName(projection: string): string {
  return `${projection}.gradDelta`;
}

interface BuiltLayer extends DecoderLayer {
  readonly graph: Graph;
  readonly hidden: Value;
}

function buildLayer(config: DecoderConfig, selection: LayerSelection): BuiltLayer {
  const graph = new Graph();
  const hidden = graph.input(LAYER_NAMES.hidden, 'float32', ['batch', 'sequence', config.hiddenSize]);
  return { graph, hidden, ...decoderLayer(graph, config, hidden, surroundings(graph, config, selection)) };
}

/** The values that are kept, by the names under which forward gives and backward takes them. */
function savedValues(savable: DecoderLayer['savable'], saved: SavedActivations): ReadonlyMap<string, Value> {
  const kept = { ...(saved === 'none' ? {} : savable.attention), ...(saved === 'all' ? savable.mlp : {}) };
  return new Map(Object.entries(kept).map(([name, value]) => [`saved.${name}`, value]));
}

/** Inputs: hidden and the surroundings. Outputs: `output` and the saved values. */
export function layerForward(config: DecoderConfig, selection: LayerSelection, saved: SavedActivations): NamedGraph {
  const layer = buildLayer(config, selection);
  const outputs = new Map([[LAYER_NAMES.output as string, layer.output], ...savedValues(layer.savable, saved)]);
  return { graph: layer.graph, outputs };
}

/**
 * Inputs: hidden, gradOutput, the saved values and the surroundings. Outputs: the gradient of each projection's deltas
 * and, where `needsGradHidden`, that of the layer's input.
 */
export function layerBackward(
  config: DecoderConfig,
  selection: LayerSelection,
  saved: SavedActivations,
  needsGradHidden: boolean,
): NamedGraph {
  const { graph, hidden, output, savable } = buildLayer(config, selection);
  const gradOutput = graph.input(LAYER_NAMES.gradOutput, 'float32', output.shape);
  const deltas = PROJECTION_NAMES.flatMap((projection) => {
    const delta = graph.inputs.get(`${projection}.delta`);
    return delta === undefined ? [] : [{ name: gradDeltaName(projection), value: delta }];
  });
  const wanted = needsGradHidden ? [...deltas, { name: LAYER_NAMES.gradHidden, value: hidden }] : deltas;
  const seeds = new Map([[output, gradOutput]]);
  const gradients = differentiate(graph, seeds, wanted.map(({ value }) => value));
  const outputs = new Map(
    wanted.flatMap(({ name }, index) => {
      const gradient = gradients[index];
      return gradient === undefined ? [] : [[name, gradient] as const];
    }),
  );
  const given = new Map([...savedValues(savable, saved)].map(([name, value]) => [value, name]));
  return { graph, outputs, given };
}
