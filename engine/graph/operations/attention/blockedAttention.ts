/**
 * Causal attention for long sequences, a block of query rows at a time (Rabe and Staats 2021), with the scores computed
 * again on the way back: memory grows with the length, not with its square, and keys that no row of a block may see are
 * left out. Numbers are those of `attention.ts`.
 */
import type { Graph, Node, Value } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { gradOf, inputOf, outputOf, type GradientRequest, type Operation } from '../../operation.ts';
import type { Shape } from '../../shape.ts';
import { AttentionBlocks } from './attentionBlocks.ts';

/** Rows of a block: enough for the products' speed, few enough for their memory. */
const BLOCK_ROWS = 256;

/** What a token sees: earlier tokens of its own segment, as far back as the window reaches. */
export interface CausalReach {
  /** int32 [batch, sequence]: number of the segment that each token belongs to. */
  readonly segments: Value;
  /** int64 [1]: tokens that one sees, its own included. */
  readonly window: Value;
}

/** O = softmax(scale Q K^T + mask) V. Inputs: q, k, v as in `attention.ts`, segments and window. */
const blockedAttentionOperation: Operation = {
  name: 'BlockedAttention',
  infer([query]) {
    if (query === undefined) throw new Error('BlockedAttention takes query, key, value, segments and window');
    return [{ type: query.type, shape: query.shape }];
  },
  workspace: (node) => blockScores(node, 2),
  lower(node, context) {
    const blocks = new AttentionBlocks(context, node);
    const [stacked] = context.loop(blocks.count, [], (number) => {
      const block = blocks.at(number);
      const mixed = block.unfold(context.emit('MatMul', [block.fold(block.probabilities()), block.value]));
      return { carried: [], stacked: [{ name: mixed, rank: 4 }] };
    });
    blocks.join(stacked ?? '', context.nameOf(outputOf(node, 0)));
  },
  gradient(request) {
    const outputs = request.graph.apply(
      blockedGradientOperation,
      [...request.node.inputs, outputOf(request.node, 0), gradOf(request)],
      request.node.attributes,
    );
    return [...gradientsOf(request, outputs), undefined, undefined];
  },
};

function gradientsOf({ isNeeded }: GradientRequest, outputs: readonly Value[]): (Value | undefined)[] {
  return outputs.map((output, index) => (isNeeded[index] === true ? output : undefined));
}

/**
 * Gradients of q, k and v; inputs as in the operation, then O and dO. For a block of rows, with P computed again: dV += P^T
 * dO; dS = P (dO V^T - rowsum(O dO)); dQ = scale dS K; dK += scale dS^T Q.
 */
const blockedGradientOperation: Operation = {
  name: 'BlockedAttentionGradient',
  infer: (inputs) => inputs.slice(0, 3).map(({ type, shape }) => ({ type, shape })),
  workspace: (node) => blockScores(node, 4),
  lower: lowerGradient,
  gradient: 'inference',
};

function lowerGradient(node: Node, context: LoweringContext): void {
  const blocks = new AttentionBlocks(context, node);
  const [output, gradOutput] = [inputOf(node, 5), inputOf(node, 6)].map((value) =>
    blocks.padded(context.nameOf(value)),
  );
  const zeros = context.emit('ConstantOfShape', [context.emit('Shape', [context.nameOf(inputOf(node, 1))])]);
  const carried = [zeros, zeros].map((name) => ({ name, rank: 4 }));
  const [gradKey = '', gradValue = '', gradQuery = ''] = context.loop(
    blocks.count,
    carried,
    (number, [keySum = '', valueSum = '']) => {
      const block = blocks.at(number);
      const probabilities = block.probabilities();
      const rows = block.rowsOf(gradOutput ?? '');
      const along = context.emit(
        'ReduceSum',
        [context.emit('Mul', [rows, block.rowsOf(output ?? '')]), context.integers([-1])],
        { attributes: { keepdims: { int: 1 } } },
      );
      const gradProbabilities = block.unfold(block.product(block.fold(rows), block.value, { transposeRight: true }));
      const centred = context.emit('Sub', [gradProbabilities, along]);
      const gradScores = block.fold(context.emit('Mul', [centred, probabilities]));
      const alpha = Number(node.attributes['scale']);
      const gradRows = block.unfold(block.product(gradScores, block.key, { alpha }));
      return {
        carried: [
          context.emit('Add', [
            keySum,
            block.amongKeys(block.smallProduct(gradScores, block.fold(block.query), alpha)),
          ]),
          context.emit('Add', [
            valueSum,
            block.amongKeys(block.smallProduct(block.fold(probabilities), block.fold(rows), 1)),
          ]),
        ],
        stacked: [{ name: gradRows, rank: 4 }],
      };
    },
  );
  blocks.join(gradQuery, context.nameOf(outputOf(node, 0)));
  for (const [index, sum] of [gradKey, gradValue].entries()) {
    context.emit('Identity', [sum], { outputs: [context.nameOf(outputOf(node, index + 1))] });
  }
}

/** Arrays as large as the scores of one block. */
function blockScores(node: Node, count: number): readonly Shape[] {
  const [batch = 1, heads = 1, sequence = 1] = inputOf(node, 0).shape;
  return Array.from({ length: count }, () => [batch, heads, Number(node.attributes['blockRows']), sequence]);
}

/** Attention output [batch, heads, sequence, d]. */
export function blockedAttention(
  graph: Graph,
  query: Value,
  key: Value,
  value: Value,
  { segments, window }: CausalReach,
  scale: number,
  blockRows = BLOCK_ROWS,
): Value {
  const attributes = { scale, blockRows };
  const [output] = graph.apply(blockedAttentionOperation, [query, key, value, segments, window], attributes);
  if (output === undefined) throw new Error('BlockedAttention has no output');
  return output;
}
