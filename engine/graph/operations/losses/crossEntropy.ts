/** Cross-entropy of a linear head over a large vocabulary, with its gradient made in the forward pass. */
import type { Graph, Node, Value } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import { emitCast } from '../elements/cast.ts';
import { multiply } from '../elements/multiply.ts';

/**
 * loss = sum_i weights[i] (logsumexp_v(h_i . E_v) - h_i . E_label(i)), for h [rows, hidden], E [vocabulary, hidden],
 * labels int64 [rows], weights [rows, 1]. With P = softmax(h E^T): dh_i = weights[i] (P_i E - E_label(i)), which is the
 * second output. The two products are computed in the type of h and E, everything else in float32. Neither one-hot labels nor a gradient of vocabulary size is ever made; E gets no gradient.
 *
 * The logits have one reader, the softmax, which the runtime therefore computes in their place: one array of that size
 * exists, not two. What they would be needed for follows from P: logsumexp = h . E_j - log P_j for any j, and the most
 * probable one is exact enough.
 */
const crossEntropyOperation: Operation = {
  name: 'LinearCrossEntropy',
  infer([hidden]) {
    if (hidden === undefined) throw new Error('LinearCrossEntropy takes h, E, labels and weights');
    return [
      { type: 'float32', shape: [1, 1] },
      // Whatever the type of h is: it is small, and a small difference.
      { type: 'float32', shape: hidden.shape },
    ];
  },
  workspace: (node) => [[inputOf(node, 0).shape[0] ?? 1, inputOf(node, 1).shape[0] ?? 1]],
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
  const isHalf = inputOf(node, 0).type === 'float16';
  const wide = (narrow: string): string => (isHalf ? emitCast(context, narrow, 'float32') : narrow);
  const keep = { attributes: { keepdims: { int: 1 } } };
  const lastAxis = context.integers([-1]);
  const rowsOf = (tokens: string): string =>
    wide(context.emit('Gather', [embedding, tokens], { attributes: { axis: { int: 0 } } }));
  const wideHidden = wide(hidden);
  const dotHidden = (rows: string): string =>
    context.emit('ReduceSum', [context.emit('Mul', [wideHidden, rows]), lastAxis], keep);
  const logits = wide(linearLogits(context, hidden, embedding));
  const probabilities = context.emit('Softmax', [logits], { attributes: { axis: { int: -1 } } });
  const likeliest = context.emit('ArgMax', [probabilities], {
    attributes: { axis: { int: -1 }, keepdims: { int: 0 } },
  });
  const logLargest = context.emit('Log', [context.emit('ReduceMax', [probabilities, lastAxis], keep)]);
  const logSums = context.emit('Sub', [dotHidden(rowsOf(likeliest)), logLargest]);
  const labelRows = rowsOf(labels);
  const losses = context.emit('Sub', [logSums, dotHidden(labelRows)]);
  context.emit('ReduceSum', [context.emit('Mul', [losses, weights]), context.integers([0])], {
    ...keep,
    outputs: [context.nameOf(outputOf(node, 0))],
  });
  const weighting = isHalf ? emitCast(context, probabilities, 'float16') : probabilities;
  const expected = wide(context.emit('MatMul', [weighting, embedding]));
  context.emit('Mul', [context.emit('Sub', [expected, labelRows]), weights], {
    outputs: [context.nameOf(outputOf(node, 1))],
  });
}

/** ONNX nodes of h E^T. */
export function linearLogits(context: LoweringContext, hidden: string, embedding: string): string {
  if (context.kernels.hasFusedKernels) {
    const options = { domain: 'com.microsoft', attributes: { transB: { int: 1 } } };
    return context.emit('FusedMatMul', [hidden, embedding], options);
  }
  const transposed = context.emit('Transpose', [embedding], { attributes: { perm: { ints: [1, 0] } } });
  return context.emit('MatMul', [hidden, transposed]);
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
