/** Reorders axes. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';

/** y = x with axis i taken from axis permutation[i]; dx = dy under the inverse permutation. */
const transposeOperation: Operation = {
  name: 'Transpose',
  infer([input], attributes) {
    if (input === undefined) throw new Error('Transpose takes one input');
    return [
      { type: input.type, shape: permutationOf(attributes['permutation']).map((axis) => input.shape[axis] ?? 1) },
    ];
  },
  lower(node, context) {
    context.emit('Transpose', [context.nameOf(inputOf(node, 0))], {
      attributes: { perm: { ints: permutationOf(node.attributes['permutation']) } },
      outputs: [context.nameOf(outputOf(node, 0))],
    });
  },
  gradient(request) {
    const permutation = permutationOf(request.node.attributes['permutation']);
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return [transpose(request.graph, gradOf(request), inverse)];
  },
};

function permutationOf(attribute: unknown): readonly number[] {
  return attribute as readonly number[];
}

export function transpose(graph: Graph, input: Value, permutation: readonly number[]): Value {
  return applyOne(graph, transposeOperation, [input], { permutation });
}
