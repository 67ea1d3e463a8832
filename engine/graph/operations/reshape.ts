/** Gives the same elements another shape. */
import { applyOne, type Graph, type Value } from '../graph.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../operation.ts';
import { sameShape, shapeText, type Shape } from '../shape.ts';

/** y = x in another shape; dx = dy in the shape of x. */
export const reshapeOperation: Operation = {
  name: 'Reshape',
  infer([input], attributes) {
    if (input === undefined) throw new Error('Reshape takes one input');
    return [{ type: input.type, shape: attributes['shape'] as Shape }];
  },
  lower(node, context) {
    const input = inputOf(node, 0);
    const output = outputOf(node, 0);
    const sizes = context.integers(onnxShape(input.shape, output.shape));
    context.emit('Reshape', [context.nameOf(input), sizes], { outputs: [context.nameOf(output)] });
  },
  gradient: (request) => [reshapeLike(request.graph, gradOf(request), inputOf(request.node, 0).shape)],
};

/**
 * The operator's own notation: 0 keeps the dimension at the same place, -1 is the one that follows from the rest.
 * Throws where more than one unknown dimension would remain.
 */
function onnxShape(from: Shape, to: Shape): number[] {
  const sizes = to.map((dimension, axis) => (typeof dimension === 'number' ? dimension : dimension === from[axis] ? 0 : -1));
  if (sizes.filter((size) => size === -1).length > 1) {
    throw new Error(`cannot reshape ${shapeText(from)} to ${shapeText(to)}: more than one dimension moves`);
  }
  return sizes;
}

/** The input itself where it has the shape already. */
export function reshapeLike(graph: Graph, input: Value, shape: Shape): Value {
  return sameShape(input.shape, shape) ? input : applyOne(graph, reshapeOperation, [input], { shape });
}
