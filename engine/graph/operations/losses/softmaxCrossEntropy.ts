/** Cross-entropy of logits over few classes against target distributions. */
import type { Graph, Value } from '../../graph.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import { multiply } from '../elements/multiply.ts';

/**
 * loss [1, 1] = -sum_i sum_c t_ic log softmax(z_i)_c for logits z [rows, classes] and targets t of the same shape, each row a
 * weight times a distribution. With w_i = sum_c t_ic: dz_i = w_i softmax(z_i) - t_i, which is the second output; targets get
 * no gradient.
 */
const softmaxCrossEntropyOperation: Operation = {
  name: 'SoftmaxCrossEntropy',
  infer([logits]) {
    if (logits?.shape.length !== 2) throw new Error('SoftmaxCrossEntropy takes logits [rows, classes] and targets');
    return [
      { type: logits.type, shape: [1, 1] },
      { type: logits.type, shape: logits.shape },
    ];
  },
  lower(node, context) {
    const [logits, targets] = [context.nameOf(inputOf(node, 0)), context.nameOf(inputOf(node, 1))];
    const keep = { attributes: { keepdims: { int: 1 } } };
    const logProbabilities = context.emit('LogSoftmax', [logits], { attributes: { axis: { int: -1 } } });
    const sum = context.emit(
      'ReduceSum',
      [context.emit('Mul', [logProbabilities, targets]), context.integers([0, 1])],
      {
        ...keep,
      },
    );
    context.emit('Neg', [sum], { outputs: [context.nameOf(outputOf(node, 0))] });
    const weights = context.emit('ReduceSum', [targets, context.integers([1])], keep);
    const weighted = context.emit('Mul', [context.emit('Exp', [logProbabilities]), weights]);
    context.emit('Sub', [weighted, targets], { outputs: [context.nameOf(outputOf(node, 1))] });
  },
  gradient(request) {
    if (request.isNeeded[1] === true) throw new Error('SoftmaxCrossEntropy: targets are not trained');
    return [multiply(request.graph, outputOf(request.node, 1), gradOf(request)), undefined];
  },
};

export function softmaxCrossEntropy(graph: Graph, logits: Value, targets: Value): Value {
  const [loss] = graph.apply(softmaxCrossEntropyOperation, [logits, targets]);
  if (loss === undefined) throw new Error('SoftmaxCrossEntropy has no output');
  return loss;
}
