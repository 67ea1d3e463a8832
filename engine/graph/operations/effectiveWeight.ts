/** The weight of an adapted layer where the frozen one cannot be written to: W + scatter(delta), made when the graph runs. */
import { applyOne, type Graph, type Value } from '../graph.ts';
import type { LoweringContext } from '../lowering.ts';
import { inputOf, outputOf, type Operation } from '../operation.ts';
import type { SelectedConnections } from './deltaGradient.ts';

/**
 * y = W with y[i, indices[i, j]] = W[i, indices[i, j]] + delta[i, j], for W [out, in]; a fourth input int32 [R] tells
 * which rows take part where not all do. The gradient of delta belongs to the adapted layer that reads y, which knows its
 * input and needs no gradient of y's size: through here flows none.
 */
const effectiveWeightOperation: Operation = {
  name: 'EffectiveWeight',
  infer([weight]) {
    if (weight === undefined) throw new Error('EffectiveWeight takes a weight, deltas and indices');
    return [{ type: weight.type, shape: weight.shape }];
  },
  lower(node, context) {
    const [weight, delta, indices] = [0, 1, 2].map((index) => context.nameOf(inputOf(node, index))) as [
      string,
      string,
      string,
    ];
    const outputs = [context.nameOf(outputOf(node, 0))];
    const neurons = node.inputs[3];
    if (neurons === undefined) {
      addToEntries(context, weight, indices, delta, outputs);
      return;
    }
    const rows = context.emit('Gather', [weight, context.nameOf(neurons)], { attributes: { axis: { int: 0 } } });
    const changed = addToEntries(context, rows, indices, delta);
    const places = context.emit('Unsqueeze', [context.nameOf(neurons), context.integers([1])]);
    const places64 = context.emit('Cast', [places], { attributes: { to: { int: ONNX_INT64 } } });
    context.emit('ScatterND', [weight, places64, changed], { outputs });
  },
  gradient: 'constant',
};

const ONNX_INT64 = 7;

function addToEntries(
  context: LoweringContext,
  matrix: string,
  indices: string,
  delta: string,
  outputs?: readonly string[],
): string {
  const attributes = { axis: { int: 1 } };
  const sum = context.emit('Add', [context.emit('GatherElements', [matrix, indices], { attributes }), delta]);
  return context.emit('ScatterElements', [matrix, indices, sum], {
    attributes,
    ...(outputs === undefined ? {} : { outputs }),
  });
}

export function effectiveWeight(graph: Graph, weight: Value, selected: SelectedConnections): Value {
  const neurons = selected.neurons === undefined ? [] : [selected.neurons];
  return applyOne(graph, effectiveWeightOperation, [weight, selected.delta, selected.indices, ...neurons]);
}
