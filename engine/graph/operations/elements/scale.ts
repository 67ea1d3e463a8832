/** Multiplication by, and addition of, a number that is known when the graph is built. */
import { applyOne, type FloatType, type Graph, type Value } from '../../graph.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';

function scalarOperation(name: 'Mul' | 'Add', gradient: Operation['gradient']): Operation {
  return {
    name: `${name}Scalar`,
    infer([input]) {
      if (input === undefined) throw new Error(`${name}Scalar takes one input`);
      return [{ type: input.type, shape: input.shape }];
    },
    lower(node, context) {
      const input = inputOf(node, 0);
      const scalar = context.scalar(Number(node.attributes['value']), input.type as FloatType);
      context.emit(name, [context.nameOf(input), scalar], { outputs: [context.nameOf(outputOf(node, 0))] });
    },
    gradient,
  };
}

/** y = c x; dx = c dy. */
const scaleOperation: Operation = scalarOperation('Mul', (request) => [
  scale(request.graph, gradOf(request), Number(request.node.attributes['value'])),
]);

/** y = x + c; dx = dy. */
const shiftOperation: Operation = scalarOperation('Add', (request) => [gradOf(request)]);

export function scale(graph: Graph, input: Value, value: number): Value {
  return value === 1 ? input : applyOne(graph, scaleOperation, [input], { value });
}

export function shift(graph: Graph, input: Value, value: number): Value {
  return value === 0 ? input : applyOne(graph, shiftOperation, [input], { value });
}
