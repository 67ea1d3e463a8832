/**
 * The gradient of the deltas of selected connections: d delta[i, j] = sum over tokens t of dy[t, i] x[t, indices[i, j]],
 * in the cheaper of two ways for the k and shape at hand.
 */
import { applyOne, type Graph, type Node, type Value } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { inputOf, outputOf, type Operation } from '../../operation.ts';
import { productOf } from '../../shape.ts';
import { cast } from '../elements/cast.ts';
import { gatherRows } from '../places/gatherRows.ts';
import { matmul } from './matmul.ts';
import { reshape } from '../places/reshape.ts';

/** The trainable part of a linear layer. */
export interface SelectedConnections {
  /** float32 [R, k] */
  readonly delta: Value;
  /** int32 [R, k], columns of the weight */
  readonly indices: Value;
  /** int32 [R], rows of the weight; absent where every row takes part */
  readonly neurons: Value | undefined;
}

/** From this share of the inputs on, the whole product costs less than gathering (measured on CPU, with 1024 tokens). */
const DENSE_SHARE = 1 / 16;
/** Rows that are gathered at once: few enough for caches (4 MB at 1024 tokens), which more than halves the time. */
const GATHERED_ROWS = 1024;

/**
 * float32 [R, k] from dy [..., out] and x [..., in] of a linear layer, which are widened first: sums over many tokens need
 * more digits than 16-bit floats have.
 *
 * Few connections per neuron: gather the rows of x^T and multiply each neuron's k rows by its row of dy^T; both
 * transposes are shared with whatever else reads them. Many: the product dy^T x, of which the selected entries are taken.
 */
export function deltaGradient(
  graph: Graph,
  narrowGrad: Value,
  narrowInput: Value,
  selected: SelectedConnections,
): Value {
  const [gradOutput, input] = [cast(graph, narrowGrad, 'float32'), cast(graph, narrowInput, 'float32')];
  const k = Number(selected.indices.shape[1]);
  const isDense = k > 1 && k > Number(input.shape.at(-1)) * DENSE_SHARE;
  const ofNeurons = (rows: Value): Value =>
    selected.neurons === undefined ? rows : gatherRows(graph, rows, selected.neurons);
  if (isDense) {
    const product = matmul(graph, joinedRows(graph, gradOutput), joinedRows(graph, input), { transposeLeft: true });
    return applyOne(graph, gatherEntriesOperation, [ofNeurons(product), selected.indices]);
  }
  const features = ofNeurons(featureMajor(graph, gradOutput));
  return applyOne(graph, selectedProductsOperation, [features, featureMajor(graph, input), selected.indices]);
}

/** All leading axes joined into one. */
export function joinedRows(graph: Graph, value: Value): Value {
  return reshape(graph, value, [productOf(value.shape.slice(0, -1)), value.shape.at(-1) ?? 1]);
}

/** y [features, tokens] from x [..., features]. */
export function featureMajor(graph: Graph, input: Value): Value {
  return applyOne(graph, featureMajorOperation, [joinedRows(graph, input)]);
}

/** The transpose of a matrix, within backward passes only. */
const featureMajorOperation: Operation = {
  name: 'FeatureMajor',
  infer([input]) {
    if (input?.shape.length !== 2) throw new Error('FeatureMajor takes a matrix');
    return [{ type: input.type, shape: input.shape.toReversed() }];
  },
  lower(node, context) {
    context.emit('Transpose', [context.nameOf(inputOf(node, 0))], {
      attributes: { perm: { ints: [1, 0] } },
      outputs: [context.nameOf(outputOf(node, 0))],
    });
  },
  gradient: 'inference',
};

/** y[i, j] = x[i, indices[i, j]] for x [R, in] and indices [R, k]. */
const gatherEntriesOperation: Operation = {
  name: 'GatherEntries',
  infer([input, indices]) {
    if (input === undefined || indices === undefined) throw new Error('GatherEntries takes a matrix and indices');
    return [{ type: input.type, shape: indices.shape }];
  },
  lower(node, context) {
    context.emit('GatherElements', [context.nameOf(inputOf(node, 0)), context.nameOf(inputOf(node, 1))], {
      attributes: { axis: { int: 1 } },
      outputs: [context.nameOf(outputOf(node, 0))],
    });
  },
  gradient: 'inference',
};

/** y[i, j] = sum_t a[i, t] b[indices[i, j], t] for a [R, tokens], b [in, tokens] and indices [R, k]. */
const selectedProductsOperation: Operation = {
  name: 'SelectedProducts',
  infer([, , indices]) {
    if (indices === undefined) throw new Error('SelectedProducts takes two matrices and indices');
    return [{ type: 'float32', shape: indices.shape }];
  },
  workspace(node) {
    const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
    const rows = Number(a.shape[0]) * Number(outputOf(node, 0).shape[1]);
    return rows > GATHERED_ROWS ? [a.shape, [GATHERED_ROWS, b.shape[1] ?? 1]] : [[rows, b.shape[1] ?? 1]];
  },
  lower: lowerSelectedProducts,
  gradient: 'inference',
};

/** Neurons in chunks; for each, its row of `a` times its gathered rows of `b`, as a batch of small products. */
function lowerSelectedProducts(node: Node, context: LoweringContext): void {
  const [a, b, indices] = [0, 1, 2].map((index) => context.nameOf(inputOf(node, index))) as [string, string, string];
  const [neurons = 1, k = 1] = outputOf(node, 0).shape.map(Number);
  const chunks = chunkSizes(neurons, Math.max(1, Math.floor(GATHERED_ROWS / k)));
  const vectors = context.emit('Unsqueeze', [a, context.integers([context.kernels.hasFusedKernels ? 1 : 2])]);
  const [aParts, indexParts] = [splitRows(context, vectors, chunks), splitRows(context, indices, chunks)];
  const products = chunks.map((_, chunk) => {
    const rows = context.emit('Gather', [b, indexParts[chunk] ?? ''], { attributes: { axis: { int: 0 } } });
    return rowProducts(context, aParts[chunk] ?? '', rows);
  });
  const whole = products.length === 1 ? (products[0] ?? '') : context.emit('Concat', products, axisZero);
  context.emit('Reshape', [whole, context.integers([neurons, k])], { outputs: [context.nameOf(outputOf(node, 0))] });
}

/** One row times k rows: [r, 1, tokens] x [r, k, tokens]^T is twice as fast as the other way round. */
function rowProducts(context: LoweringContext, vectors: string, rows: string): string {
  if (!context.kernels.hasFusedKernels) return context.emit('MatMul', [rows, vectors]);
  const options = { domain: 'com.microsoft', attributes: { transB: { int: 1 } } };
  return context.emit('FusedMatMul', [vectors, rows], options);
}

const axisZero = { attributes: { axis: { int: 0 } } };

function chunkSizes(total: number, largest: number): readonly number[] {
  const count = Math.ceil(total / largest);
  return Array.from({ length: count }, (_, chunk) => Math.floor((total + chunk) / count));
}

function splitRows(context: LoweringContext, value: string, sizes: readonly number[]): readonly string[] {
  if (sizes.length === 1) return [value];
  return context.emitMany('Split', [value, context.integers(sizes)], sizes.length, axisZero);
}
