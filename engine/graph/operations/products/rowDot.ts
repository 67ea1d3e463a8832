/** Inner products of the rows of two equally shaped values. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import { sameShape } from '../../shape.ts';
import { multiply } from '../elements/multiply.ts';

/** Elements of a row from which on a product of its own costs less than it saves. */
const LONG_ROW = 256;

/**
 * y[..., 1] = sum_j a[..., j] b[..., j]; da = dy b, db = dy a. With fused kernels and long rows it is a batch of
 * 1 x n by n x 1 products, which reads both operands once and writes nothing of their size.
 */
const rowDotOperation: Operation = {
  name: 'RowDot',
  infer([left, right]) {
    if (left === undefined || right === undefined || !sameShape(left.shape, right.shape)) {
      throw new Error('RowDot takes two inputs of one shape');
    }
    return [{ type: left.type, shape: [...left.shape.slice(0, -1), 1] }];
  },
  workspace: (node) => [inputOf(node, 0).shape],
  lower(node, context) {
    const left = inputOf(node, 0);
    const [a, b] = [context.nameOf(left), context.nameOf(inputOf(node, 1))];
    const outputs = [context.nameOf(outputOf(node, 0))];
    if (!context.kernels.hasFusedKernels || Number(left.shape.at(-1)) < LONG_ROW) {
      const products = context.emit('Mul', [a, b]);
      context.emit('ReduceSum', [products, context.integers([-1])], { attributes: { keepdims: { int: 1 } }, outputs });
      return;
    }
    const axis = context.integers([-2]);
    const product = context.emit(
      'FusedMatMul',
      [context.emit('Unsqueeze', [a, axis]), context.emit('Unsqueeze', [b, axis])],
      {
        domain: 'com.microsoft',
        attributes: { transB: { int: 1 } },
      },
    );
    context.emit('Squeeze', [product, axis], { outputs });
  },
  gradient(request) {
    const { graph, node, isNeeded } = request;
    const dy = gradOf(request);
    return [
      isNeeded[0] === true ? multiply(graph, inputOf(node, 1), dy) : undefined,
      isNeeded[1] === true ? multiply(graph, inputOf(node, 0), dy) : undefined,
    ];
  },
};

export function rowDot(graph: Graph, left: Value, right: Value): Value {
  return applyOne(graph, rowDotOperation, [left, right]);
}
