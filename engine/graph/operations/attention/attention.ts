/** Scaled dot-product attention with grouped queries (Vaswani et al. 2017, equation 1; Ainslie et al. 2023). */
import type { FloatType, Graph, Node, Value } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { gradOf, inputOf, outputOf, type GradientRequest, type Operation } from '../../operation.ts';
import { subtract } from '../elements/add.ts';
import { cast, emitCast } from '../elements/cast.ts';
import { matmul } from '../products/matmul.ts';
import { multiply } from '../elements/multiply.ts';
import { reshape } from '../places/reshape.ts';
import { rowDot } from '../products/rowDot.ts';
import { transpose } from '../places/transpose.ts';

/**
 * P = softmax(scale Q K^T + mask), O = P V. Outputs O and P.
 *
 * Inputs: q [batch, heads, sequence, d]; k and v [batch, keyValueHeads, sequence, d]; mask [1 or batch, 1, sequence,
 * sequence], added to the scores. Query head h reads key-value head floor(h / group); the heads of a group are folded
 * into the rows of one product, so keys and values are never repeated.
 *
 * dV = P^T dO; dP = dO V^T; dS = P (dP - rowsum(O dO)), since rowsum(P dP) = rowsum(O dO); dQ = scale dS K;
 * dK = scale dS^T Q. Softmax and dS, a small difference, are computed in float32 whatever the type of q, k and v.
 */
const attentionOperation: Operation = {
  name: 'Attention',
  infer([query]) {
    if (query === undefined) throw new Error('Attention takes query, key, value and mask');
    const [batch = 1, heads = 1, sequence = 1] = query.shape;
    return [
      { type: query.type, shape: query.shape },
      { type: query.type, shape: [batch, heads, sequence, sequence] },
    ];
  },
  workspace: (node) => [outputOf(node, 1).shape],
  lower: lowerAttention,
  gradient: attentionGradient,
};

function lowerAttention(node: Node, context: LoweringContext): void {
  const [query, key, value, mask] = [0, 1, 2, 3].map((index) => inputOf(node, index)) as [Value, Value, Value, Value];
  const headCount = Number(query.shape[1]);
  const groups = Number(key.shape[1]);
  const reshape = (name: string, heads: number, outputs?: readonly string[]): string =>
    groups === headCount && outputs === undefined
      ? name
      : context.emit('Reshape', [name, context.integers([0, heads, -1, 0])], outputs === undefined ? {} : { outputs });
  const folded = reshape(context.nameOf(query), groups);
  const scores = context.kernels.hasFusedKernels
    ? context.emit('FusedMatMul', [folded, context.nameOf(key)], {
        domain: 'com.microsoft',
        attributes: { transB: { int: 1 }, alpha: { float: Number(node.attributes['scale']) } },
      })
    : scaledProduct(context, folded, context.nameOf(key), query.type as FloatType, Number(node.attributes['scale']));
  const isHalf = query.type === 'float16';
  const wideScores = isHalf ? emitCast(context, scores, 'float32') : scores;
  const masked = context.emit('Add', [reshape(wideScores, headCount), context.nameOf(mask)]);
  const [output, probabilities] = [context.nameOf(outputOf(node, 0)), context.nameOf(outputOf(node, 1))];
  const softmax = { attributes: { axis: { int: -1 } } };
  if (isHalf) emitCast(context, context.emit('Softmax', [masked], softmax), query.type, [probabilities]);
  else context.emit('Softmax', [masked], { ...softmax, outputs: [probabilities] });
  const mixed = context.emit('MatMul', [reshape(probabilities, groups), context.nameOf(value)]);
  reshape(mixed, headCount, [output]);
}

/** The query is scaled before the product, which 16-bit floats might not hold otherwise. */
function scaledProduct(context: LoweringContext, query: string, key: string, type: FloatType, factor: number): string {
  const transposedKey = context.emit('Transpose', [key], { attributes: { perm: { ints: [0, 1, 3, 2] } } });
  return context.emit('MatMul', [context.emit('Mul', [query, context.scalar(factor, type)]), transposedKey]);
}

function attentionGradient(request: GradientRequest): (Value | undefined)[] {
  const { graph, node } = request;
  const [query, key, value] = [inputOf(node, 0), inputOf(node, 1), inputOf(node, 2)];
  const [output, probabilities] = [outputOf(node, 0), outputOf(node, 1)];
  const alpha = Number(node.attributes['scale']);
  const gradOutput = gradOf(request);
  const fold = (whole: Value): Value => {
    const [batch = 1, , , last = 1] = whole.shape;
    return reshape(graph, whole, [batch, Number(key.shape[1]), 'group*sequence', last]);
  };
  const unfold = (folded: Value, like: Value): Value => reshape(graph, folded, like.shape);
  // A^T B as (B^T A)^T: transposing B, which is small, costs less than transposing probabilities or their gradient.
  const smallProduct = (a: Value, b: Value, factor = 1): Value =>
    transpose(graph, matmul(graph, b, a, { transposeLeft: true, alpha: factor }), [0, 1, 3, 2]);
  const gradValue = smallProduct(fold(probabilities), fold(gradOutput));
  const gradProbabilities = unfold(matmul(graph, fold(gradOutput), value, { transposeRight: true }), probabilities);
  const wide = (narrow: Value): Value => cast(graph, narrow, 'float32');
  const centred = subtract(graph, wide(gradProbabilities), rowDot(graph, wide(gradOutput), wide(output)));
  const gradScores = fold(cast(graph, multiply(graph, centred, wide(probabilities)), query.type as FloatType));
  const gradQuery = unfold(matmul(graph, gradScores, key, { alpha }), query);
  const gradKey = smallProduct(gradScores, fold(query), alpha);
  return [gradQuery, gradKey, gradValue, undefined];
}

/** Attention output [batch, heads, sequence, d]; shapes as in the operation. */
export function attention(graph: Graph, query: Value, key: Value, value: Value, mask: Value, scale: number): Value {
  const [output] = graph.apply(attentionOperation, [query, key, value, mask], { scale });
  if (output === undefined) throw new Error('Attention has no output');
  return output;
}
