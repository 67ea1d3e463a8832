/** The logistic function. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, outputOf, type Operation } from '../../operation.ts';
import { unaryOperation } from '../elements/elementwise.ts';
import { multiply } from '../elements/multiply.ts';
import { scale, shift } from '../elements/scale.ts';

/** s = 1 / (1 + exp(-x)); dx = ds s (1 - s). */
const sigmoidOperation: Operation = unaryOperation('Sigmoid', (request) => {
  const { graph } = request;
  const output = outputOf(request.node, 0);
  const slope = multiply(graph, output, oneMinus(graph, output));
  return [multiply(graph, gradOf(request), slope)];
});

export function sigmoid(graph: Graph, input: Value): Value {
  return applyOne(graph, sigmoidOperation, [input]);
}

/** 1 - x. */
function oneMinus(graph: Graph, input: Value): Value {
  return shift(graph, scale(graph, input, -1), 1);
}
