/** The gated activation of LLaMA-style MLPs (Shazeer 2020, equation 6, with SiLU as the gate). */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import { add, subtract } from '../elements/add.ts';
import { multiply } from '../elements/multiply.ts';
import { sigmoid } from './sigmoid.ts';

/** silu(x) = x sigmoid(x); d silu = s + silu - silu s with s = sigmoid(x). */
const siluOperation: Operation = {
  name: 'Silu',
  infer([input]) {
    if (input === undefined) throw new Error('Silu takes one input');
    return [{ type: input.type, shape: input.shape }];
  },
  lower(node, context) {
    const x = context.nameOf(inputOf(node, 0));
    const outputs = [context.nameOf(outputOf(node, 0))];
    if (context.kernels.hasFusedKernels) {
      context.emit('QuickGelu', [x], { domain: 'com.microsoft', attributes: { alpha: { float: 1 } }, outputs });
    } else {
      context.emit('Mul', [x, context.emit('Sigmoid', [x])], { outputs });
    }
  },
  gradient(request) {
    const { graph, node } = request;
    const s = sigmoid(graph, inputOf(node, 0));
    const silu = outputOf(node, 0);
    const slope = add(graph, s, subtract(graph, silu, multiply(graph, silu, s)));
    return [multiply(graph, gradOf(request), slope)];
  },
};

/** silu(gate) up, elementwise. */
export function swiGlu(graph: Graph, gate: Value, up: Value): Value {
  return multiply(graph, applyOne(graph, siluOperation, [gate]), up);
}
