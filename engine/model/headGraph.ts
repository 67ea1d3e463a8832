/** The head of a decoder as graphs: final norm and output embedding, as a loss over labelled rows or as logits. */
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';
import { differentiate } from '../graph/differentiate.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { linearCrossEntropy } from '../graph/operations/crossEntropy.ts';
import { linear } from '../graph/operations/linear.ts';
import { rmsNorm } from '../graph/operations/rmsNorm.ts';
import type { NamedGraph } from './layerGraphs.ts';

/** Names of the head's inputs and outputs. */
export const HEAD_NAMES = {
  hidden: 'hidden',
  norm: 'finalNorm',
  embedding: 'outputEmbedding',
  labels: 'labels',
  weights: 'weights',
  loss: 'loss',
  gradHidden: 'gradHidden',
  logits: 'logits',
} as const;

/** The weighted sum of the losses of rows `hidden` [rows, hidden]; `suffix` tells chunks of one graph apart. */
export function headLoss(graph: Graph, config: DecoderConfig, hidden: Value, suffix = ''): Value {
  const rows = hidden.shape[0] ?? 1;
  const labels = graph.input(HEAD_NAMES.labels + suffix, 'int64', [rows]);
  const weights = graph.input(HEAD_NAMES.weights + suffix, 'float32', [rows, 1]);
  return linearCrossEntropy(graph, normed(graph, config, hidden), embedding(graph, config), labels, weights);
}

/** Inputs: hidden [rows, hidden], labels, weights [rows, 1] and the head's parameters. Outputs: loss [1, 1], gradHidden. */
export function headWithGradient(config: DecoderConfig): NamedGraph {
  const { graph, hidden, loss } = lossOfRows(config);
  // dL/dL = 1, as an input: the trainer feeds the one constant that the walk starts from.
  const one = graph.input('gradLoss', 'float32', [1, 1]);
  const [gradHidden] = differentiate(graph, new Map([[loss, one]]), [hidden]);
  if (gradHidden === undefined) throw new Error('the loss does not depend on the hidden state');
  return {
    graph,
    outputs: new Map([
      [HEAD_NAMES.loss, loss],
      [HEAD_NAMES.gradHidden, gradHidden],
    ]),
  };
}

/** As {@link headWithGradient}, the loss alone. */
export function headLossOnly(config: DecoderConfig): NamedGraph {
  const { graph, loss } = lossOfRows(config);
  return { graph, outputs: new Map([[HEAD_NAMES.loss, loss]]) };
}

/** Input: hidden [rows, hidden]. Output: logits [rows, vocabulary]. */
export function headLogits(config: DecoderConfig): NamedGraph {
  const graph = new Graph();
  const hidden = graph.input(HEAD_NAMES.hidden, 'float32', ['rows', config.hiddenSize]);
  return { graph, outputs: new Map([[HEAD_NAMES.logits, logitsOfRows(graph, config, hidden)]]) };
}

/** Logits [rows, vocabulary] of rows `hidden` [rows, hidden]. */
export function logitsOfRows(graph: Graph, config: DecoderConfig, hidden: Value): Value {
  return linear(graph, normed(graph, config, hidden), embedding(graph, config));
}

function lossOfRows(config: DecoderConfig): { graph: Graph; hidden: Value; loss: Value } {
  const graph = new Graph();
  const hidden = graph.input(HEAD_NAMES.hidden, 'float32', ['rows', config.hiddenSize]);
  return { graph, hidden, loss: headLoss(graph, config, hidden) };
}

function normed(graph: Graph, config: DecoderConfig, hidden: Value): Value {
  const weight = graph.input(HEAD_NAMES.norm, 'float32', [config.hiddenSize]);
  return rmsNorm(graph, hidden, weight, config.rmsNormEpsilon);
}

function embedding(graph: Graph, config: DecoderConfig): Value {
  return graph.input(HEAD_NAMES.embedding, 'float32', [config.vocabularySize, config.hiddenSize]);
}
