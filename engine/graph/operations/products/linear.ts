/** Linear layers: y = x W^T + b, frozen, dense-trained, or with deltas on selected connections. */
import { applyOne, type Graph, type Node, type Value } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { gradOf, inputOf, outputOf, type GradientRequest, type Operation } from '../../operation.ts';
import { deltaGradient, joinedRows, type SelectedConnections } from './deltaGradient.ts';
import { matmul } from './matmul.ts';

/**
 * y = x W^T: x [..., in], W [out, in]. dx = dy W; dW = dy^T x summed over all leading axes.
 */
const linearOperation: Operation = {
  name: 'Linear',
  infer: inferLinear,
  isExpensive: true,
  lower: (node, context) => {
    multiplyByWeight(node, context, context.nameOf(inputOf(node, 1)));
  },
  gradient(request) {
    const { graph, node, isNeeded } = request;
    const dy = gradOf(request);
    const [x, weight] = [inputOf(node, 0), inputOf(node, 1)];
    const gradWeight = (): Value => matmul(graph, joinedRows(graph, dy), joinedRows(graph, x), { transposeLeft: true });
    return [
      isNeeded[0] === true ? matmul(graph, dy, weight) : undefined,
      isNeeded[1] === true ? gradWeight() : undefined,
    ];
  },
};

/**
 * y = x (W + scatter(delta))^T, NeuroAda's layer: for each of R participating neurons k selected input connections carry a
 * trainable delta [R, k] at columns `indices` int32 [R, k]; with the attribute `hasNeurons` a fifth input int32 [R] tells
 * which rows of W they are.
 *
 * The weight that is fed holds W + scatter(delta) already: whoever owns the weights writes each changed entry in place
 * after an optimizer step, so forward and dx = dy (W + scatter(delta)) cost what they cost without deltas.
 * d delta[i, j] = sum over tokens t of dy[t, i] x[t, indices[i, j]]; W gets no gradient.
 */
const adaptedLinearOperation: Operation = {
  name: 'AdaptedLinear',
  infer: inferLinear,
  isExpensive: true,
  lower: (node, context) => {
    multiplyByWeight(node, context, context.nameOf(inputOf(node, 1)));
  },
  gradient: adaptedLinearGradient,
};

function adaptedLinearGradient(request: GradientRequest): (Value | undefined)[] {
  const { graph, node, isNeeded } = request;
  const dy = gradOf(request);
  const [x, weight, delta, indices] = [0, 1, 2, 3].map((index) => inputOf(node, index)) as [Value, Value, Value, Value];
  const neurons = node.inputs[4];
  const gradDelta = (): Value => deltaGradient(graph, dy, x, { delta, indices, neurons });
  return [
    isNeeded[0] === true ? matmul(graph, dy, weight) : undefined,
    undefined,
    isNeeded[2] === true ? gradDelta() : undefined,
    ...node.inputs.slice(3).map(() => undefined),
  ];
}

/** Signature of a linear layer: x [..., in], W [out, in]. */
export function inferLinear([input, weight]: readonly Value[]): { type: Value['type']; shape: Value['shape'] }[] {
  if (input === undefined || weight === undefined) throw new Error('Linear takes an input and a weight');
  const [outputs = 1, inputs = 1] = weight.shape;
  if (input.shape.at(-1) !== inputs) {
    throw new Error(`Linear: ${String(input.shape.at(-1))} features for a weight with ${String(inputs)} columns`);
  }
  return [{ type: input.type, shape: [...input.shape.slice(0, -1), outputs] }];
}

/** Emits x W^T, with the weight of that name. */
export function multiplyByWeight(node: Node, context: LoweringContext, weight: string): void {
  const x = context.nameOf(inputOf(node, 0));
  const outputs = [context.nameOf(outputOf(node, 0))];
  if (context.kernels.hasFusedKernels) {
    context.emit('FusedMatMul', [x, weight], { domain: 'com.microsoft', attributes: { transB: { int: 1 } }, outputs });
  } else {
    const transposed = context.emit('Transpose', [weight], { attributes: { perm: { ints: [1, 0] } } });
    context.emit('MatMul', [x, transposed], { outputs });
  }
}

/** x W^T, [..., out]; with `selected`, W is the effective weight and its deltas can be differentiated. */
export function linear(graph: Graph, input: Value, weight: Value, selected?: SelectedConnections): Value {
  if (selected === undefined) return applyOne(graph, linearOperation, [input, weight]);
  const neurons = selected.neurons === undefined ? [] : [selected.neurons];
  return applyOne(graph, adaptedLinearOperation, [input, weight, selected.delta, selected.indices, ...neurons]);
}
