/** The hyperbolic tangent. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, outputOf, type Operation } from '../../operation.ts';
import { unaryOperation } from '../elements/elementwise.ts';
import { multiply } from '../elements/multiply.ts';
import { scale, shift } from '../elements/scale.ts';

/** y = tanh(x); dx = dy (1 - y^2). */
const tanhOperation: Operation = unaryOperation('Tanh', (request) => {
  const { graph } = request;
  const output = outputOf(request.node, 0);
  const slope = shift(graph, scale(graph, multiply(graph, output, output), -1), 1);
  return [multiply(graph, gradOf(request), slope)];
});

export function tanh(graph: Graph, input: Value): Value {
  return applyOne(graph, tanhOperation, [input]);
}
