/**
 * The head of a decoder as graphs: final norm and output embedding, as a loss over labelled rows or as logits, for the
 * whole vocabulary at once or block by block.
 */
import type { DecoderConfig } from '../../checkpoint/config/decoderConfig.ts';
import { differentiate } from '../../graph/differentiate.ts';
import { Graph, type FloatType, type Value } from '../../graph/graph.ts';
import {
  crossEntropyBlock,
  crossEntropyOfSums,
  type BlockSums,
} from '../../graph/operations/losses/blockedCrossEntropy.ts';
import { cast } from '../../graph/operations/elements/cast.ts';
import { linearCrossEntropy } from '../../graph/operations/losses/crossEntropy.ts';
import { linear } from '../../graph/operations/products/linear.ts';
import { rmsNorm } from '../../graph/operations/norms/rmsNorm.ts';
import type { Dimension } from '../../graph/shape.ts';
import type { NamedGraph } from '../layerGraphs.ts';

/** Names of the head's inputs and outputs. */
export const HEAD_NAMES = {
  hidden: 'hidden',
  norm: 'finalNorm',
  embedding: 'outputEmbedding',
  labels: 'labels',
  labelRows: 'labelRows',
  weights: 'weights',
  loss: 'loss',
  gradLoss: 'gradLoss',
  gradHidden: 'gradHidden',
  logits: 'logits',
} as const;

/**
 * The weighted sum of the losses of rows `hidden` [rows, hidden], float32.
 *
 * @param suffix tells chunks of one graph apart
 * @param precision type of the output embedding and of its products
 */
export function headLoss(
  graph: Graph,
  config: DecoderConfig,
  hidden: Value,
  suffix = '',
  precision: FloatType = 'float32',
): Value {
  const rows = hidden.shape[0] ?? 1;
  const labels = graph.input(HEAD_NAMES.labels + suffix, 'int64', [rows]);
  const weights = graph.input(HEAD_NAMES.weights + suffix, 'float32', [rows, 1]);
  const features = cast(graph, normed(graph, config, hidden), precision);
  const table = embedding(graph, config, config.vocabularySize, precision);
  return linearCrossEntropy(graph, features, table, labels, weights);
}

/** Names of the sums over the vocabulary so far; as outputs they have {@link nextName}. */
export const SUM_NAMES = ['maximum', 'sum', 'expected'] as const;

/** Output name of a sum with one more block in it. */
export function nextName(sum: string): string {
  return `${sum}.next`;
}

/**
 * One block of the vocabulary. Inputs: hidden [rows, hidden], norm, embedding [block, hidden] and the sums so far
 * (`blockedCrossEntropy.ts`). Outputs: the sums with the block in them, `expected` only where a gradient is wanted.
 */
export function headBlock(config: DecoderConfig, hasGradient: boolean): NamedGraph {
  const { graph, hidden } = rowsGraph(config);
  const next = crossEntropyBlock(
    graph,
    normed(graph, config, hidden),
    embedding(graph, config, 'block'),
    sumInputs(graph, config),
  );
  const wanted = SUM_NAMES.filter((name) => hasGradient || name !== 'expected');
  return { graph, outputs: new Map(wanted.map((name) => [nextName(name), next[name]])) };
}

/**
 * After the last block. Inputs: hidden [rows, hidden], norm, the output embeddings of the labels [rows, hidden], weights
 * [rows, 1] and the sums. Outputs: loss [1, 1] and, where it is wanted, gradHidden.
 */
export function headOfSums(config: DecoderConfig, hasGradient: boolean): NamedGraph {
  const { graph, hidden } = rowsGraph(config);
  const labelRows = graph.input(HEAD_NAMES.labelRows, 'float32', ['rows', config.hiddenSize]);
  const weights = graph.input(HEAD_NAMES.weights, 'float32', ['rows', 1]);
  const sums = sumInputs(graph, config);
  const loss = crossEntropyOfSums(graph, normed(graph, config, hidden), labelRows, weights, sums);
  const outputs = new Map<string, Value>([[HEAD_NAMES.loss, loss]]);
  if (!hasGradient) return { graph, outputs };
  // dL/dL = 1, as an input: the trainer feeds the one constant that the walk starts from.
  const one = graph.input(HEAD_NAMES.gradLoss, 'float32', [1, 1]);
  const [gradHidden] = differentiate(graph, new Map([[loss, one]]), [hidden]);
  if (gradHidden === undefined) throw new Error('the loss does not depend on the hidden state');
  return { graph, outputs: outputs.set(HEAD_NAMES.gradHidden, gradHidden) };
}

/** Inputs: hidden [rows, hidden], norm, embedding [block, hidden]. Output: logits [rows, block]. */
export function headLogits(config: DecoderConfig): NamedGraph {
  const { graph, hidden } = rowsGraph(config);
  return { graph, outputs: new Map([[HEAD_NAMES.logits, logitsOfRows(graph, config, hidden, 'block')]]) };
}

/** Logits, float32 [rows, vocabulary], of rows `hidden` [rows, hidden], or those of a block of the vocabulary. */
export function logitsOfRows(
  graph: Graph,
  config: DecoderConfig,
  hidden: Value,
  vocabulary: Dimension = config.vocabularySize,
  precision: FloatType = 'float32',
): Value {
  const features = cast(graph, normed(graph, config, hidden), precision);
  return cast(graph, linear(graph, features, embedding(graph, config, vocabulary, precision)), 'float32');
}

function rowsGraph(config: DecoderConfig): { readonly graph: Graph; readonly hidden: Value } {
  const graph = new Graph();
  return { graph, hidden: graph.input(HEAD_NAMES.hidden, 'float32', ['rows', config.hiddenSize]) };
}

function sumInputs(graph: Graph, config: DecoderConfig): BlockSums {
  const [maximum, sum, expected] = SUM_NAMES;
  return {
    maximum: graph.input(maximum, 'float32', ['rows', 1]),
    sum: graph.input(sum, 'float32', ['rows', 1]),
    expected: graph.input(expected, 'float32', ['rows', config.hiddenSize]),
  };
}

function normed(graph: Graph, config: DecoderConfig, hidden: Value): Value {
  const weight = graph.input(HEAD_NAMES.norm, 'float32', [config.hiddenSize]);
  return rmsNorm(graph, hidden, weight, config.rmsNormEpsilon);
}

function embedding(
  graph: Graph,
  config: DecoderConfig,
  vocabulary: Dimension = config.vocabularySize,
  precision: FloatType = 'float32',
): Value {
  return graph.input(HEAD_NAMES.embedding, precision, [vocabulary, config.hiddenSize]);
}
