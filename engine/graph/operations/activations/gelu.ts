/** The Gaussian error linear unit, exact (Hendrycks and Gimpel 2016, equation 1). */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import { add } from '../elements/add.ts';
import { unaryOperation } from '../elements/elementwise.ts';
import { multiply } from '../elements/multiply.ts';
import { scale, shift } from '../elements/scale.ts';

/** y = x P(x) with the normal distribution P(x) = (1 + erf(x / sqrt 2)) / 2 and its density p; dx = dy (P(x) + x p(x)). */
const geluOperation: Operation = {
  name: 'Gelu',
  infer([input]) {
    if (input === undefined) throw new Error('Gelu takes one input');
    return [{ type: input.type, shape: input.shape }];
  },
  workspace: (node) => [outputOf(node, 0).shape],
  lower(node, context) {
    const x = context.nameOf(inputOf(node, 0));
    const outputs = [context.nameOf(outputOf(node, 0))];
    if (context.kernels.hasFusedKernels) {
      context.emit('Gelu', [x], { domain: 'com.microsoft', outputs });
      return;
    }
    const scaled = context.emit('Mul', [x, context.scalar(Math.SQRT1_2)]);
    const twice = context.emit('Add', [context.emit('Erf', [scaled]), context.scalar(1)]);
    context.emit('Mul', [context.emit('Mul', [x, twice]), context.scalar(0.5)], { outputs });
  },
  gradient(request) {
    const { graph, node } = request;
    const x = inputOf(node, 0);
    const erf = applyOne(graph, erfOperation, [scale(graph, x, Math.SQRT1_2)]);
    const distribution = scale(graph, shift(graph, erf, 1), 0.5);
    const density = scale(
      graph,
      applyOne(graph, expOperation, [scale(graph, multiply(graph, x, x), -0.5)]),
      1 / Math.sqrt(2 * Math.PI),
    );
    return [multiply(graph, gradOf(request), add(graph, distribution, multiply(graph, x, density)))];
  },
};

const erfOperation: Operation = unaryOperation('Erf', 'inference');

const expOperation: Operation = unaryOperation('Exp', 'inference');

export function gelu(graph: Graph, input: Value): Value {
  return applyOne(graph, geluOperation, [input]);
}
