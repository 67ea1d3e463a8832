/** Matrix product over the last two axes, with either operand transposed and a constant factor. */
import type { Attributes, FloatType, Graph, Node, Value } from '../../graph.ts';
import { applyOne } from '../../graph.ts';
import { gradOf, inputOf, outputOf, type GradientRequest, type Operation } from '../../operation.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { sameShape, shapeText, type Dimension } from '../../shape.ts';

/** Options of a product: op(a) is a, or a with its last two axes exchanged. */
export interface MatmulOptions {
  readonly transposeLeft?: boolean;
  readonly transposeRight?: boolean;
  /** Factor of the product; 1 where absent. */
  readonly alpha?: number;
}

interface ResolvedOptions {
  readonly transposeLeft: boolean;
  readonly transposeRight: boolean;
  readonly alpha: number;
}

function optionsOf(attributes: Attributes): ResolvedOptions {
  return attributes as unknown as ResolvedOptions;
}

/** y = alpha op(a) op(b), batched over equal leading axes; the right operand may be a plain matrix shared by all. */
const matmulOperation: Operation = {
  name: 'MatMul',
  infer([left, right], attributes) {
    if (left === undefined || right === undefined) throw new Error('MatMul takes two inputs');
    const { transposeLeft, transposeRight } = optionsOf(attributes);
    const [rows, inner] = matrixOf(left, transposeLeft);
    const [innerRight, columns] = matrixOf(right, transposeRight);
    const batch = left.shape.slice(0, -2);
    const hasEqualBatch = sameShape(batch, right.shape.slice(0, -2));
    const hasSharedRight = right.shape.length === 2 && !transposeLeft;
    if (inner !== innerRight || !(hasEqualBatch || hasSharedRight)) {
      throw new Error(`cannot multiply ${shapeText(left.shape)} by ${shapeText(right.shape)}`);
    }
    return [{ type: left.type, shape: [...batch, rows, columns] }];
  },
  lower: lowerMatmul,
  gradient: matmulGradient,
};

function matrixOf(value: Value, isTransposed: boolean): readonly [Dimension, Dimension] {
  const [rows = 1, columns = 1] = value.shape.slice(-2);
  return isTransposed ? [columns, rows] : [rows, columns];
}

function lowerMatmul(node: Node, context: LoweringContext): void {
  const { transposeLeft, transposeRight, alpha } = optionsOf(node.attributes);
  const left = inputOf(node, 0);
  const right = inputOf(node, 1);
  const outputs = [context.nameOf(outputOf(node, 0))];
  const isPlain = !transposeLeft && !transposeRight && alpha === 1;
  if (isPlain) {
    context.emit('MatMul', [context.nameOf(left), context.nameOf(right)], { outputs });
  } else if (context.kernels.hasFusedKernels) {
    context.emit('FusedMatMul', [context.nameOf(left), context.nameOf(right)], {
      domain: 'com.microsoft',
      attributes: {
        transA: { int: Number(transposeLeft) },
        transB: { int: Number(transposeRight) },
        alpha: { float: alpha },
      },
      outputs,
    });
  } else {
    const inputs = [transposed(context, left, transposeLeft), transposed(context, right, transposeRight)];
    if (alpha === 1) context.emit('MatMul', inputs, { outputs });
    else
      context.emit('Mul', [context.emit('MatMul', inputs), context.scalar(alpha, left.type as FloatType)], { outputs });
  }
}

function transposed(context: LoweringContext, value: Value, isTransposed: boolean): string {
  const name = context.nameOf(value);
  if (!isTransposed) return name;
  const axes = value.shape.map((_, axis) => axis);
  const permutation = [...axes.slice(0, -2), ...axes.slice(-2).toReversed()];
  return context.emit('Transpose', [name], { attributes: { perm: { ints: permutation } } });
}

/**
 * For y = alpha A B with A = op(a), B = op(b): dA = alpha dy B^T and dB = alpha A^T dy; where an operand was
 * transposed, its gradient is the transpose, obtained by exchanging the factors.
 */
function matmulGradient(request: GradientRequest): (Value | undefined)[] {
  const { graph, node, isNeeded } = request;
  const { transposeLeft, transposeRight, alpha } = optionsOf(node.attributes);
  const left = inputOf(node, 0);
  const right = inputOf(node, 1);
  const dy = gradOf(request);
  if (isNeeded[1] === true && right.shape.length !== left.shape.length) {
    throw new Error('MatMul: a shared right operand that is trained belongs into Linear');
  }
  const gradLeft = (): Value =>
    transposeLeft
      ? matmul(graph, right, dy, { transposeLeft: transposeRight, transposeRight: true, alpha })
      : matmul(graph, dy, right, { transposeRight: !transposeRight, alpha });
  const gradRight = (): Value =>
    transposeRight
      ? matmul(graph, dy, left, { transposeLeft: true, transposeRight: transposeLeft, alpha })
      : matmul(graph, left, dy, { transposeLeft: !transposeLeft, alpha });
  return [isNeeded[0] === true ? gradLeft() : undefined, isNeeded[1] === true ? gradRight() : undefined];
}

/** alpha op(left) op(right): [..., m, n] from op(left) [..., m, i] and op(right) [..., i, n] or [i, n]. */
export function matmul(graph: Graph, left: Value, right: Value, options: MatmulOptions = {}): Value {
  const { transposeLeft = false, transposeRight = false, alpha = 1 } = options;
  return applyOne(graph, matmulOperation, [left, right], { transposeLeft, transposeRight, alpha });
}
