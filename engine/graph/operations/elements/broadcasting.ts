/** Repeating a value along axes and summing over them: each is the gradient of the other. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import { broadcastAxes, sameShape } from '../../shape.ts';
import { reshape } from '../places/reshape.ts';

/** y = sum(x) over axes, which stay with size 1; dx = dy, repeated over the summed axes. */
const reduceSumOperation: Operation = {
  name: 'ReduceSum',
  infer([input], attributes) {
    if (input === undefined) throw new Error('ReduceSum takes one input');
    const axes = attributes['axes'] as readonly number[];
    return [{ type: input.type, shape: input.shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension)) }];
  },
  lower(node, context) {
    const axes = context.integers(node.attributes['axes'] as readonly number[]);
    context.emit('ReduceSum', [context.nameOf(inputOf(node, 0)), axes], {
      attributes: { keepdims: { int: 1 } },
      outputs: [context.nameOf(outputOf(node, 0))],
    });
  },
  gradient: (request) => [expandLike(request.graph, gradOf(request), inputOf(request.node, 0))],
};

/** y = x repeated to the shape of the second input; dx = sum(dy) over the repeated axes. */
const expandOperation: Operation = {
  name: 'Expand',
  infer([input, like]) {
    if (input === undefined || like === undefined) throw new Error('Expand takes two inputs');
    return [{ type: input.type, shape: like.shape }];
  },
  lower(node, context) {
    const shape = context.emit('Shape', [context.nameOf(inputOf(node, 1))]);
    context.emit('Expand', [context.nameOf(inputOf(node, 0)), shape], { outputs: [context.nameOf(outputOf(node, 0))] });
  },
  gradient: (request) => [sumToShape(request.graph, gradOf(request), inputOf(request.node, 0)), undefined],
};

export function reduceSum(graph: Graph, input: Value, axes: readonly number[]): Value {
  return applyOne(graph, reduceSumOperation, [input], { axes });
}

/** `input` repeated along its axes of size 1 until it has the shape of `like`. */
export function expandLike(graph: Graph, input: Value, like: Value): Value {
  return sameShape(input.shape, like.shape) ? input : applyOne(graph, expandOperation, [input, like]);
}

/** The gradient of a value that was broadcast: summed over the axes along which it was repeated. */
export function sumToShape(graph: Graph, gradient: Value, target: Value): Value {
  if (sameShape(gradient.shape, target.shape)) return gradient;
  const summed = reduceSum(graph, gradient, broadcastAxes(target.shape, gradient.shape));
  return reshape(graph, summed, target.shape);
}
