/** Gives the same elements another shape. */
import { applyOne, type Graph, type Node, type Value } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import { sameShape, shapeText, type Shape } from '../../shape.ts';

/** y = x in another shape, which may be told by a second input that has it; dx = dy in the shape of x. */
const reshapeOperation: Operation = {
  name: 'Reshape',
  infer([input], attributes) {
    if (input === undefined) throw new Error('Reshape takes an input');
    return [{ type: input.type, shape: attributes['shape'] as Shape }];
  },
  lower(node, context) {
    const sizes = sizesOf(node, context);
    context.emit('Reshape', [context.nameOf(inputOf(node, 0)), sizes], {
      outputs: [context.nameOf(outputOf(node, 0))],
    });
  },
  gradient: (request) => {
    const input = inputOf(request.node, 0);
    const gradInput = reshapeTo(request.graph, gradOf(request), input);
    return request.node.inputs.map((_, index) => (index === 0 ? gradInput : undefined));
  },
};

/** The operator's notation where it suffices: 0 keeps the dimension at the same place, -1 follows from the rest. */
function sizesOf(node: Node, context: LoweringContext): string {
  const from = inputOf(node, 0).shape;
  const to = outputOf(node, 0).shape;
  const sizes = to.map((dimension, axis) =>
    typeof dimension === 'number' ? dimension : dimension === from[axis] ? 0 : -1,
  );
  if (sizes.filter((size) => size === -1).length <= 1) return context.integers(sizes);
  const like = node.inputs[1];
  if (like === undefined)
    throw new Error(`cannot reshape ${shapeText(from)} to ${shapeText(to)}: more than one dimension moves`);
  return context.emit('Shape', [context.nameOf(like)]);
}

/** The input itself where it has the shape already. */
export function reshape(graph: Graph, input: Value, shape: Shape): Value {
  return sameShape(input.shape, shape) ? input : applyOne(graph, reshapeOperation, [input], { shape });
}

/** `input` in the shape of `like`, whatever that turns out to be when the graph runs. */
export function reshapeTo(graph: Graph, input: Value, like: Value): Value {
  const { shape } = like;
  return sameShape(input.shape, shape) ? input : applyOne(graph, reshapeOperation, [input, like], { shape });
}
