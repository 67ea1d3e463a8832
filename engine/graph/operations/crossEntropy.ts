/** Cross-entropy of a linear head over a large vocabulary, with its gradient made in the forward pass. */
import type { Graph, Node, Value } from '../graph.ts';
import type { LoweringContext } from '../lowering.ts';
import { gradOf, outputOf, type Operation } from '../operation.ts';
import { multiply } from './multiply.ts';

/**
 * loss = sum_i weights[i] (logsumexp_v(h_i . E_v) - h_i . E_label(i)), for h [rows, hidden], E [vocabulary, hidden],
 * labels int64 [rows], weights [rows, 1]. With P = softmax(h E^T): dh_i = weights[i] (P_i E - E_label(i)), which is the
 * second output. Neither one-hot labels nor a gradient of vocabulary size is ever made; E gets no gradient.
 *
 * logsumexp = m - log(max P), m the largest logit: P is at hand, and the maximum of P is 1 / sum exp(l - m).
 */
const crossEntropyOperation: Operation = {
  name: 'LinearCrossEntropy',
  infer([hidden]) {
    if (hidden === undefined) throw new Error('LinearCrossEntropy takes h, E, labels and weights');
    return [
      { type: 'float32', shape: [1, 1] },
      { type: 'float32', shape: hidden.shape },
    ];
  },
  lower: lowerCrossEntropy,
  gradient(request) {
    if (request.isNeeded[1] === true) throw new Error('LinearCrossEntropy: the output embedding is frozen');
    return [multiply(request.graph, outputOf(request.node, 1), gradOf(request)), undefined, undefined, undefined];
  },
};

function lowerCrossEntropy(node: Node, context: LoweringContext): void {
  const [hidden, embedding, labels, weights] = node.inputs.map((input) => context.nameOf(input)) as [
    string,
    string,
    string,
    string,
  ];
  const keep = { attributes: { keepdims: { int: 1 } } };
  const lastAxis = context.integers([-1]);
  const logits = context.kernels.hasFusedKernels
    ? context.emit('FusedMatMul', [hidden, embedding], { domain: 'com.microsoft', attributes: { transB: { int: 1 } } })
    : context.emit('MatMul', [
        hidden,
        context.emit('Transpose', [embedding], { attributes: { perm: { ints: [1, 0] } } }),
      ]);
  const largest = context.emit('ReduceMax', [logits, lastAxis], keep);
  const probabilities = context.emit('Softmax', [logits], { attributes: { axis: { int: -1 } } });
  const logLargest = context.emit('Log', [context.emit('ReduceMax', [probabilities, lastAxis], keep)]);
  const labelRows = context.emit('Gather', [embedding, labels], { attributes: { axis: { int: 0 } } });
  const labelLogits = context.emit('ReduceSum', [context.emit('Mul', [hidden, labelRows]), lastAxis], keep);
  const losses = context.emit('Sub', [context.emit('Sub', [largest, logLargest]), labelLogits]);
  context.emit('ReduceSum', [context.emit('Mul', [losses, weights]), context.integers([0])], {
    ...keep,
    outputs: [context.nameOf(outputOf(node, 0))],
  });
  const expected = context.emit('MatMul', [probabilities, embedding]);
  context.emit('Mul', [context.emit('Sub', [expected, labelRows]), weights], {
    outputs: [context.nameOf(outputOf(node, 1))],
  });
}

/** The weighted sum of losses, [1, 1]; inputs as in the operation. */
export function linearCrossEntropy(
  graph: Graph,
  hidden: Value,
  embedding: Value,
  labels: Value,
  weights: Value,
): Value {
  const [loss] = graph.apply(crossEntropyOperation, [hidden, embedding, labels, weights]);
  if (loss === undefined) throw new Error('LinearCrossEntropy has no output');
  return loss;
}
