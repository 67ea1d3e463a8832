/**
 * The two graphs that serve every layer of the layered plan: forward, and backward with whatever the forward pass did
 * not save computed again. Both read their weights as inputs, so one session of each serves all layers of like shape.
 */
import type { ModelConfig } from '../checkpoint/config/modelConfig.ts';
import { differentiate } from '../graph/differentiate.ts';
import { Graph, type FloatType, type Value } from '../graph/graph.ts';
import type { GivenValues } from '../graph/lowering.ts';
import { decoderLayer, type DecoderLayer } from './decoder/decoderLayer.ts';
import { encoderLayer } from './encoder/encoderLayer.ts';
import { encoderSurroundings, surroundings, type AttentionKind, type FedWeights } from './layerInputs.ts';
import { gradientName, trainedInputs, type LayerTraining } from './layerTraining.ts';

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
export const LAYER_NAMES = {
  hidden: 'hidden',
  output: 'output',
  gradOutput: 'gradOutput',
  gradHidden: 'gradHidden',
} as const;

export interface LayerOptions {
  /** What the weights that are fed hold; 'effective' where absent. */
  readonly weights?: FedWeights;
  /** How a decoder's attention is computed; 'whole' where absent. */
  readonly attention?: AttentionKind | undefined;
  /** The type of a decoder's matrices and of their products; 'float32' where absent. */
  readonly precision?: FloatType | undefined;
  /** Which layer, where not all have the same graph: see `layerKind`. */
  readonly layer?: number;
}

interface BuiltLayer extends DecoderLayer {
  readonly graph: Graph;
  readonly hidden: Value;
}

function buildLayer(config: ModelConfig, training: LayerTraining, options: LayerOptions): BuiltLayer {
  const { weights, layer = 0, attention, precision } = options;
  const graph = new Graph();
  const hidden = graph.input(LAYER_NAMES.hidden, 'float32', ['batch', 'sequence', config.hiddenSize]);
  if (config.family === 'encoder') {
    const around = encoderSurroundings(graph, config, training);
    return { graph, hidden, ...encoderLayer(graph, config, layer, hidden, around) };
  }
  const around = surroundings(graph, config, training, undefined, weights, attention, precision);
  return { graph, hidden, ...decoderLayer(graph, config, hidden, around) };
}

/** The values that are kept, by the names under which forward gives and backward takes them. */
function savedValues(savable: DecoderLayer['savable'], saved: SavedActivations): ReadonlyMap<string, Value> {
  const kept = { ...(saved === 'none' ? {} : savable.attention), ...(saved === 'all' ? savable.mlp : {}) };
  return new Map(Object.entries(kept).map(([name, value]) => [`saved.${name}`, value]));
}

/** Inputs: hidden and the surroundings. Outputs: `output` and the saved values. */
export function layerForward(
  config: ModelConfig,
  training: LayerTraining,
  saved: SavedActivations,
  options: LayerOptions = {},
): NamedGraph {
  const layer = buildLayer(config, training, options);
  const outputs = new Map([[LAYER_NAMES.output, layer.output], ...savedValues(layer.savable, saved)]);
  return { graph: layer.graph, outputs };
}

/**
 * Inputs: hidden, gradOutput, the saved values and the surroundings. Outputs: the gradients of the layer's input and of
 * what is trained.
 */
export function layerBackward(
  config: ModelConfig,
  training: LayerTraining,
  saved: SavedActivations,
  options: LayerOptions = {},
): NamedGraph {
  const { graph, hidden, output, savable } = buildLayer(config, training, options);
  const wanted = new Map<string, Value>([[LAYER_NAMES.gradHidden, hidden]]);
  for (const name of trainedInputs(training)) {
    const input = graph.inputs.get(name);
    if (input !== undefined) wanted.set(gradientName(name), input);
  }
  const outputs = gradientsOf(graph, output, wanted);
  const given = new Map([...savedValues(savable, saved)].map(([name, value]) => [value, name]));
  return { graph, outputs, given };
}

/** The gradients of the wanted values, given that of the layer's output as an input. */
function gradientsOf(graph: Graph, output: Value, wanted: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  const gradOutput = graph.input(LAYER_NAMES.gradOutput, 'float32', output.shape);
  const gradients = differentiate(graph, new Map([[output, gradOutput]]), [...wanted.values()]);
  return new Map(
    [...wanted.keys()].flatMap((name, index) => {
      const gradient = gradients[index];
      return gradient === undefined ? [] : [[name, gradient] as const];
    }),
  );
}
