/** The rectifier. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, outputOf, type Operation } from '../../operation.ts';
import { unaryOperation } from '../elements/elementwise.ts';
import { multiply } from '../elements/multiply.ts';

/** y = max(x, 0); dx = dy where x > 0, else 0: dy times the sign of y. */
const reluOperation: Operation = unaryOperation('Relu', (request) => {
  const { graph } = request;
  const isOn = applyOne(graph, signOperation, [outputOf(request.node, 0)]);
  return [multiply(graph, gradOf(request), isOn)];
});

/** y = 1, 0 or -1 as x is above, at or below 0; it has the gradient zero. */
const signOperation: Operation = unaryOperation('Sign', 'constant');

export function relu(graph: Graph, input: Value): Value {
  return applyOne(graph, reluOperation, [input]);
}
