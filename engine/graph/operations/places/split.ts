/** Splitting along an axis, and its inverse, concatenation. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import type { Shape } from '../../shape.ts';

function withAxis(shape: Shape, axis: number, size: number): Shape {
  return shape.map((dimension, index) => (index === axis ? size : dimension));
}

/** (y1, y2, ...) = x cut along an axis; dx = [dy1, dy2, ...] joined again. Every part must have a gradient. */
const splitOperation: Operation = {
  name: 'Split',
  infer([input], attributes) {
    if (input === undefined) throw new Error('Split takes one input');
    const axis = Number(attributes['axis']);
    return (attributes['sizes'] as readonly number[]).map((size) => ({
      type: input.type,
      shape: withAxis(input.shape, axis, size),
    }));
  },
  lower(node, context) {
    const sizes = context.integers(node.attributes['sizes'] as readonly number[]);
    context.emit('Split', [context.nameOf(inputOf(node, 0)), sizes], {
      attributes: { axis: { int: Number(node.attributes['axis']) } },
      outputs: node.outputs.map((output) => context.nameOf(output)),
    });
  },
  gradient(request) {
    const parts = request.node.outputs.map((_, index) => gradOf(request, index));
    return [concatenate(request.graph, parts, Number(request.node.attributes['axis']))];
  },
};

/** y = [x1, x2, ...] along an axis; (dx1, dx2, ...) = dy cut again. */
const concatenateOperation: Operation = {
  name: 'Concat',
  infer(inputs, attributes) {
    const [first] = inputs;
    if (first === undefined) throw new Error('Concat takes at least one input');
    const axis = Number(attributes['axis']);
    const size = inputs.reduce((total, input) => total + Number(input.shape[axis]), 0);
    return [{ type: first.type, shape: withAxis(first.shape, axis, size) }];
  },
  lower(node, context) {
    const inputs = node.inputs.map((input) => context.nameOf(input));
    context.emit('Concat', inputs, {
      attributes: { axis: { int: Number(node.attributes['axis']) } },
      outputs: [context.nameOf(outputOf(node, 0))],
    });
  },
  gradient(request) {
    const axis = Number(request.node.attributes['axis']);
    const sizes = request.node.inputs.map((input) => Number(input.shape[axis]));
    return split(request.graph, gradOf(request), axis, sizes);
  },
};

/** Parts of the given sizes along an axis. */
export function split(graph: Graph, input: Value, axis: number, sizes: readonly number[]): readonly Value[] {
  return graph.apply(splitOperation, [input], { axis, sizes });
}

export function concatenate(graph: Graph, inputs: readonly Value[], axis: number): Value {
  return applyOne(graph, concatenateOperation, inputs, { axis });
}
