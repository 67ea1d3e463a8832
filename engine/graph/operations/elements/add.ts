/** Elementwise addition and subtraction with broadcasting. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, inputOf, type Operation } from '../../operation.ts';
import { sumToShape } from './broadcasting.ts';
import { binaryOperation } from './elementwise.ts';
import { scale } from './scale.ts';

/** y = a + b; da = sum(dy), db = sum(dy), each summed over its broadcast axes. */
const addOperation: Operation = binaryOperation('Add', (request) => {
  const gradOutput = gradOf(request);
  return request.node.inputs.map((input, index) =>
    request.isNeeded[index] === true ? sumToShape(request.graph, gradOutput, input) : undefined,
  );
});

/** y = a - b; da = sum(dy), db = -sum(dy), each summed over its broadcast axes. */
const subtractOperation: Operation = binaryOperation('Sub', (request) => {
  const { graph, node, isNeeded } = request;
  const gradOutput = gradOf(request);
  return [
    isNeeded[0] === true ? sumToShape(graph, gradOutput, inputOf(node, 0)) : undefined,
    isNeeded[1] === true ? scale(graph, sumToShape(graph, gradOutput, inputOf(node, 1)), -1) : undefined,
  ];
});

export function add(graph: Graph, left: Value, right: Value): Value {
  return applyOne(graph, addOperation, [left, right]);
}

export function subtract(graph: Graph, left: Value, right: Value): Value {
  return applyOne(graph, subtractOperation, [left, right]);
}
