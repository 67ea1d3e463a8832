/**
 * The whole model as one graph, forward and backward: the fast plan. Of each layer it keeps what products with weights make
 * and what attention reads and makes; norms, probabilities and gated activations are computed again on the way back.
 */
import type { DecoderConfig } from '../../checkpoint/config/decoderConfig.ts';
import { differentiate } from '../../graph/differentiate.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { recomputing } from '../../graph/recompute.ts';
import { add } from '../../graph/operations/elements/add.ts';
import { gatherRows } from '../../graph/operations/places/gatherRows.ts';
import { reshape } from '../../graph/operations/places/reshape.ts';
import { productOf } from '../../graph/shape.ts';
import { decoderLayer } from './decoderLayer.ts';
import { HEAD_NAMES, headLoss } from './headGraph.ts';
import { LAYER_NAMES, type NamedGraph } from '../layerGraphs.ts';
import { maskName, surroundings } from '../layerInputs.ts';
import { gradientName, trainedInputs, type LayerTraining } from '../layerTraining.ts';

/** Prefix of the inputs and outputs of a layer within the whole graph. */
export function layerPrefix(layer: number): string {
  return `layers.${String(layer)}.`;
}

/** Input name of the rows of the hidden state that head chunk `chunk` reads. */
export function labelRowsName(chunk: number): string {
  return `labelRows.${String(chunk)}`;
}

/** Suffix of the labels' and weights' names of head chunk `chunk`. */
export function chunkSuffix(chunk: number): string {
  return `.${String(chunk)}`;
}

/**
 * Inputs: the embedded tokens `hidden` [batch, sequence, hidden], every layer's parameters and what is trained beside them, and for each
 * of `headChunks` chunks the labelled rows, their labels and weights. Outputs: loss [1, 1] and the gradient of
 * everything that is trained.
 */
export function wholeGraph(config: DecoderConfig, training: readonly LayerTraining[], headChunks: number): NamedGraph {
  const graph = new Graph();
  let hidden = graph.input(LAYER_NAMES.hidden, 'float32', ['batch', 'sequence', config.hiddenSize]);
  const kept: Value[] = [];
  training.forEach((trained, layer) => {
    const names = { prefix: layerPrefix(layer), mask: maskName(config.slidingWindows[layer] ?? null) };
    const { output, savable } = decoderLayer(graph, config, hidden, surroundings(graph, config, trained, names));
    kept.push(output, ...Object.values(savable.attention), ...Object.values(savable.mlp));
    hidden = output;
  });
  const layerNodes = graph.nodes.length;
  const loss = chunkedLoss(graph, config, hidden, headChunks);
  kept.push(...graph.nodes.slice(layerNodes).flatMap(({ outputs }) => outputs));
  const inputs = trainedValues(graph, training);
  const one = graph.input('gradLoss', 'float32', [1, 1]);
  const gradients = differentiate(
    graph,
    new Map([[loss, one]]),
    inputs.map(({ value }) => value),
    recomputing(graph, new Set(kept)),
  );
  const outputs = new Map<string, Value>([[HEAD_NAMES.loss, loss]]);
  inputs.forEach(({ name }, index) => {
    const gradient = gradients[index];
    if (gradient !== undefined) outputs.set(gradientName(name), gradient);
  });
  return { graph, outputs };
}

function chunkedLoss(graph: Graph, config: DecoderConfig, hidden: Value, chunks: number): Value {
  const flat = reshape(graph, hidden, [productOf(hidden.shape.slice(0, 2)), config.hiddenSize]);
  const losses = Array.from({ length: chunks }, (_, chunk) => {
    const rows = graph.input(labelRowsName(chunk), 'int64', [`rows${String(chunk)}`]);
    return headLoss(graph, config, gatherRows(graph, flat, rows), chunkSuffix(chunk));
  });
  return losses.reduce((total, loss) => add(graph, total, loss));
}

function trainedValues(graph: Graph, training: readonly LayerTraining[]): { name: string; value: Value }[] {
  return training.flatMap((trained, layer) =>
    trainedInputs(trained).flatMap((input) => {
      const name = layerPrefix(layer) + input;
      const value = graph.inputs.get(name);
      return value === undefined ? [] : [{ name, value }];
    }),
  );
}
