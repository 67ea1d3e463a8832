/** What an optimizer step is made of beyond products and sums; it is never differentiated. */
import { applyOne, type Graph, type Value } from '../graph.ts';
import { inputOf, outputOf, type Operation } from '../operation.ts';
import { binaryOperation, unaryOperation } from './elements/elementwise.ts';

const squareRootOperation: Operation = unaryOperation('Sqrt', 'inference');

const divideOperation: Operation = binaryOperation('Div', 'inference');

/** y [1] = sum of x^2 over all elements. */
const sumOfSquaresOperation: Operation = {
  name: 'SumOfSquares',
  infer([input]) {
    if (input === undefined) throw new Error('SumOfSquares takes one input');
    return [{ type: input.type, shape: [1] }];
  },
  lower(node, context) {
    const sum = context.emit('ReduceSumSquare', [context.nameOf(inputOf(node, 0))], {
      attributes: { keepdims: { int: 0 } },
    });
    context.emit('Reshape', [sum, context.integers([1])], { outputs: [context.nameOf(outputOf(node, 0))] });
  },
  gradient: 'inference',
};

export function squareRoot(graph: Graph, input: Value): Value {
  return applyOne(graph, squareRootOperation, [input]);
}

export function divide(graph: Graph, left: Value, right: Value): Value {
  return applyOne(graph, divideOperation, [left, right]);
}

export function sumOfSquares(graph: Graph, input: Value): Value {
  return applyOne(graph, sumOfSquaresOperation, [input]);
}
