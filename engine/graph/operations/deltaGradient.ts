/** The gradient of the deltas of selected connections, by the cheapest of three ways for the k and shape at hand. */
import { applyOne, type Graph, type Node, type Value } from '../graph.ts';
import type { LoweringContext } from '../lowering.ts';
import { inputOf, outputOf, type Operation } from '../operation.ts';
import { productOf } from '../shape.ts';

/** The trainable part of a linear layer. */
export interface SelectedConnections {
  /** float32 [R, k] */
  readonly delta: Value;
  /** int32 [R, k], columns of the weight */
  readonly indices: Value;
  /** int32 [R], rows of the weight; absent where every row takes part */
  readonly neurons: Value | undefined;
}

/** y [features, tokens] from x [..., features]; shared by every product that reads features as rows. */
export const featureMajorOperation: Operation = {
  name: 'FeatureMajor',
  infer([input]) {
    if (input === undefined) throw new Error('FeatureMajor takes one input');
    return [{ type: input.type, shape: [input.shape.at(-1) ?? 1, productOf(input.shape.slice(0, -1))] }];
  },
  lower(node, context) {
    const input = inputOf(node, 0);
    const features = Number(input.shape.at(-1));
    const flat = context.emit('Reshape', [context.nameOf(input), context.integers([-1, features])]);
    context.emit('Transpose', [flat], {
      attributes: { perm: { ints: [1, 0] } },
      outputs: [context.nameOf(outputOf(node, 0))],
    });
  },
  gradient: 'inference',
};

/**
 * d delta[i, j] = sum over tokens t of dy[i, t] x[indices[i, j], t], from dy [out, tokens] and x [in, tokens].
 *
 * Few connections per neuron: gather the rows of x and multiply each neuron's k rows by its row of dy. Many
 * (k > in / 40, the measured crossing): the dense product dy x^T, of which the selected entries are taken at once.
 */
export const deltaGradientOperation: Operation = {
  name: 'DeltaGradient',
  infer([, , indices]) {
    if (indices === undefined) throw new Error('DeltaGradient takes dy, x and indices');
    return [{ type: 'float32', shape: indices.shape }];
  },
  lower(node, context) {
    const [gradOutput, input, indices] = [0, 1, 2].map((index) => inputOf(node, index)) as [Value, Value, Value];
    const neurons = node.inputs[3];
    const [rowCount = 1, k = 1] = indices.shape.map(Number);
    const participating =
      neurons === undefined
        ? context.nameOf(gradOutput)
        : context.emit('Gather', [context.nameOf(gradOutput), context.nameOf(neurons)], { attributes: { axis: { int: 0 } } });
    const isDense = k > 1 && k > Number(input.shape[0]) / 40;
    if (isDense) lowerDense(node, context, participating);
    else lowerGathered(node, context, participating, rowCount, k);
  },
  gradient: 'inference',
};

function lowerDense(node: Node, context: LoweringContext, gradOutput: string): void {
  const [input, indices] = [context.nameOf(inputOf(node, 1)), context.nameOf(inputOf(node, 2))];
  const dense = context.kernels.hasFusedKernels
    ? context.emit('FusedMatMul', [gradOutput, input], { domain: 'com.microsoft', attributes: { transB: { int: 1 } } })
    : context.emit('MatMul', [gradOutput, context.emit('Transpose', [input], { attributes: { perm: { ints: [1, 0] } } })]);
  context.emit('GatherElements', [dense, indices], {
    attributes: { axis: { int: 1 } },
    outputs: [context.nameOf(outputOf(node, 0))],
  });
}

function lowerGathered(node: Node, context: LoweringContext, gradOutput: string, rowCount: number, k: number): void {
  const [input, indices] = [context.nameOf(inputOf(node, 1)), context.nameOf(inputOf(node, 2))];
  const gathered = context.emit('Gather', [input, indices], { attributes: { axis: { int: 0 } } });
  const isFused = context.kernels.hasFusedKernels;
  const vector = context.emit('Unsqueeze', [gradOutput, context.integers([isFused ? 1 : 2])]);
  const dots = isFused
    ? context.emit('FusedMatMul', [gathered, vector], { domain: 'com.microsoft', attributes: { transB: { int: 1 } } })
    : context.emit('MatMul', [gathered, vector]);
  context.emit('Reshape', [dots, context.integers([rowCount, k])], { outputs: [context.nameOf(outputOf(node, 0))] });
}

export function featureMajor(graph: Graph, input: Value): Value {
  return applyOne(graph, featureMajorOperation, [input]);
}

/** float32 [R, k] from dy [out, tokens] and x [in, tokens]. */
export function deltaGradient(graph: Graph, gradOutput: Value, input: Value, selected: SelectedConnections): Value {
  const neurons = selected.neurons === undefined ? [] : [selected.neurons];
  return applyOne(graph, deltaGradientOperation, [gradOutput, input, selected.indices, ...neurons]);
}
