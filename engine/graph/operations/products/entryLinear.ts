/** Linear layers with deltas on entries anywhere in their matrix. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, inputOf, type GradientRequest, type Operation } from '../../operation.ts';
import { productOf } from '../../shape.ts';
import { joinedRows } from './deltaGradient.ts';
import { gatherRows } from '../places/gatherRows.ts';
import { inferLinear, multiplyByWeight } from './linear.ts';
import { matmul } from './matmul.ts';
import { reshape } from '../places/reshape.ts';

/** The trainable part: deltas float32 [n] at positions int32 [n] of the matrix, row after row. */
export interface TrainedEntries {
  readonly delta: Value;
  readonly positions: Value;
}

/**
 * y = x (W + scatter(delta))^T, where the weight that is fed holds W + scatter(delta) already.
 * d delta[e] = (dy^T x)[positions[e]]: the product over all leading axes exists only until its entries are taken.
 */
const entryLinearOperation: Operation = {
  name: 'EntryLinear',
  infer: inferLinear,
  isExpensive: true,
  lower: (node, context) => {
    multiplyByWeight(node, context, context.nameOf(inputOf(node, 1)));
  },
  gradient: entryLinearGradient,
};

function entryLinearGradient(request: GradientRequest): (Value | undefined)[] {
  const { graph, node, isNeeded } = request;
  const dy = gradOf(request);
  const [x, weight, positions] = [inputOf(node, 0), inputOf(node, 1), inputOf(node, 3)];
  const gradDelta = (): Value => {
    const product = matmul(graph, joinedRows(graph, dy), joinedRows(graph, x), { transposeLeft: true });
    return gatherRows(graph, reshape(graph, product, [productOf(weight.shape)]), positions);
  };
  return [
    isNeeded[0] === true ? matmul(graph, dy, weight) : undefined,
    undefined,
    isNeeded[2] === true ? gradDelta() : undefined,
    undefined,
  ];
}

/** x W^T, [..., out], with W the effective weight, whose deltas can be differentiated. */
export function entryLinear(graph: Graph, input: Value, weight: Value, { delta, positions }: TrainedEntries): Value {
  return applyOne(graph, entryLinearOperation, [input, weight, delta, positions]);
}
