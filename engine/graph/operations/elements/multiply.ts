/** Elementwise multiplication with broadcasting. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, inputOf, type Operation } from '../../operation.ts';
import { sumToShape } from './broadcasting.ts';
import { binaryOperation } from './elementwise.ts';

/** y = a b; da = sum(dy b), db = sum(dy a), each summed over its broadcast axes. */
const multiplyOperation: Operation = binaryOperation('Mul', (request) => {
  const { graph, node, isNeeded } = request;
  const gradOutput = gradOf(request);
  const left = inputOf(node, 0);
  const right = inputOf(node, 1);
  return [
    isNeeded[0] === true ? sumToShape(graph, multiply(graph, gradOutput, right), left) : undefined,
    isNeeded[1] === true ? sumToShape(graph, multiply(graph, gradOutput, left), right) : undefined,
  ];
});

export function multiply(graph: Graph, left: Value, right: Value): Value {
  return applyOne(graph, multiplyOperation, [left, right]);
}
