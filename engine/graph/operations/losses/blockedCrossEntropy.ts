/**
 * Cross-entropy of a linear head over a vocabulary that is visited block by block, with sums that carry over from one
 * block to the next (Milakov and Gimelshein 2018, algorithm 3), so that logits of one block alone exist at a time.
 */
import type { Graph, Node, Value } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import { linearLogits } from './crossEntropy.ts';
import { multiply } from '../elements/multiply.ts';

/** What is known after some blocks, for logits l_v = h . E_v over the vocabulary entries v so far. */
export interface BlockSums {
  /** [rows, 1]: m = max l_v; -infinity at first. */
  readonly maximum: Value;
  /** [rows, 1]: s = sum exp(l_v - m); 0 at first. */
  readonly sum: Value;
  /** [rows, hidden]: a = sum exp(l_v - m) E_v; 0 at first. */
  readonly expected: Value;
}

const KEPT = { attributes: { keepdims: { int: 1 } } };

/** With m' = max(m, max l): s' = s exp(m - m') + sum exp(l - m'); a' = a exp(m - m') + exp(l - m') E. */
const blockOperation: Operation = {
  name: 'CrossEntropyBlock',
  infer: (inputs) => inputs.slice(2).map(({ type, shape }) => ({ type, shape })),
  workspace: (node) => [[inputOf(node, 0).shape[0] ?? 1, inputOf(node, 1).shape[0] ?? 1]],
  lower: lowerBlock,
  gradient: 'inference',
};

function lowerBlock(node: Node, context: LoweringContext): void {
  const [hidden, block, maximum, sum, expected] = node.inputs.map((input) => context.nameOf(input)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const [newMaximum, newSum, newExpected] = node.outputs.map((output) => [context.nameOf(output)]) as [
    [string],
    [string],
    [string],
  ];
  const lastAxis = context.integers([-1]);
  const logits = linearLogits(context, hidden, block);
  const largest = context.emit('Max', [maximum, context.emit('ReduceMax', [logits, lastAxis], KEPT)], {
    outputs: newMaximum,
  });
  const shrunk = context.emit('Exp', [context.emit('Sub', [maximum, largest])]);
  const shares = context.emit('Exp', [context.emit('Sub', [logits, largest])]);
  const carried = (before: string): string => context.emit('Mul', [before, shrunk]);
  context.emit('Add', [carried(sum), context.emit('ReduceSum', [shares, lastAxis], KEPT)], { outputs: newSum });
  context.emit('Add', [carried(expected), context.emit('MatMul', [shares, block])], { outputs: newExpected });
}

/**
 * After the last block: loss = sum_i weights[i] (m_i + log s_i - h_i . E_label(i)); dh_i = weights[i] (a_i / s_i -
 * E_label(i)), which is the second output.
 */
const sumsOperation: Operation = {
  name: 'CrossEntropyOfSums',
  infer([hidden]) {
    if (hidden === undefined) throw new Error('CrossEntropyOfSums takes h, label rows, weights and three sums');
    return [
      { type: 'float32', shape: [1, 1] },
      { type: 'float32', shape: hidden.shape },
    ];
  },
  lower: lowerSums,
  gradient(request) {
    return [multiply(request.graph, outputOf(request.node, 1), gradOf(request)), ...Array<undefined>(5)];
  },
};

function lowerSums(node: Node, context: LoweringContext): void {
  const [hidden, labelRows, weights, maximum, sum, expected] = node.inputs.map((input) => context.nameOf(input)) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const own = context.emit('ReduceSum', [context.emit('Mul', [hidden, labelRows]), context.integers([-1])], KEPT);
  const losses = context.emit('Sub', [context.emit('Add', [maximum, context.emit('Log', [sum])]), own]);
  context.emit('ReduceSum', [context.emit('Mul', [losses, weights]), context.integers([0])], {
    ...KEPT,
    outputs: [context.nameOf(outputOf(node, 0))],
  });
  const difference = context.emit('Sub', [context.emit('Div', [expected, sum]), labelRows]);
  context.emit('Mul', [difference, weights], { outputs: [context.nameOf(outputOf(node, 1))] });
}

/**
 * The sums after one more block.
 *
 * @param hidden h, [rows, hidden]
 * @param block E of consecutive vocabulary entries, [block, hidden]
 */
export function crossEntropyBlock(graph: Graph, hidden: Value, block: Value, sums: BlockSums): BlockSums {
  const outputs = graph.apply(blockOperation, [hidden, block, sums.maximum, sums.sum, sums.expected]);
  const [maximum, sum, expected] = outputs as [Value, Value, Value];
  return { maximum, sum, expected };
}

/**
 * The weighted sum of losses, [1, 1], from the sums over the whole vocabulary.
 *
 * @param labelRows E of each row's label, [rows, hidden]
 * @param weights [rows, 1]
 */
export function crossEntropyOfSums(
  graph: Graph,
  hidden: Value,
  labelRows: Value,
  weights: Value,
  { maximum, sum, expected }: BlockSums,
): Value {
  const [loss] = graph.apply(sumsOperation, [hidden, labelRows, weights, maximum, sum, expected]);
  if (loss === undefined) throw new Error('CrossEntropyOfSums has no output');
  return loss;
}
