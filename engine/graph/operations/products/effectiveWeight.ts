/** The weight of an adapted layer where the frozen one cannot be written to: W + scatter(delta), made when the graph runs. */
import { applyOne, type Graph, type Value, type ValueType } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { inputOf, outputOf, type Operation } from '../../operation.ts';
import { emitCast } from '../elements/cast.ts';
import type { SelectedConnections } from './deltaGradient.ts';

/**
 * y = W with y[i, indices[i, j]] = W[i, indices[i, j]] + delta[i, j], for W [out, in]; a fourth input int32 [R] tells
 * which rows take part where not all do. The gradient of delta belongs to the adapted layer that reads y, which knows its
 * input and needs no gradient of y's size: through here flows none. Deltas are float32 whatever W is: the sum is rounded
 * to W's type once, as with the master weights of mixed precision (Micikevicius et al. 2018, section 3.1).
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
    const { type } = inputOf(node, 0);
    const outputs = [context.nameOf(outputOf(node, 0))];
    const neurons = node.inputs[3];
    if (neurons === undefined) {
      addToEntries(context, weight, indices, delta, type, outputs);
      return;
    }
    const rows = context.emit('Gather', [weight, context.nameOf(neurons)], { attributes: { axis: { int: 0 } } });
    const changed = addToEntries(context, rows, indices, delta, type);
    const places = context.emit('Unsqueeze', [context.nameOf(neurons), context.integers([1])]);
    context.emit('ScatterND', [weight, emitCast(context, places, 'int64'), changed], { outputs });
  },
  gradient: 'constant',
};

function addToEntries(
  context: LoweringContext,
  matrix: string,
  indices: string,
  delta: string,
  type: ValueType,
  outputs?: readonly string[],
): string {
  const attributes = { axis: { int: 1 } };
  const isHalf = type === 'float16';
  const before = context.emit('GatherElements', [matrix, indices], { attributes });
  const sum = context.emit('Add', [isHalf ? emitCast(context, before, 'float32') : before, delta]);
  return context.emit('ScatterElements', [matrix, indices, isHalf ? emitCast(context, sum, type) : sum], {
    attributes,
    ...(outputs === undefined ? {} : { outputs }),
  });
}

export function effectiveWeight(graph: Graph, weight: Value, selected: SelectedConnections): Value {
  const neurons = selected.neurons === undefined ? [] : [selected.neurons];
  return applyOne(graph, effectiveWeightOperation, [weight, selected.delta, selected.indices, ...neurons]);
}
