/** Taking rows of a matrix by number, and putting rows back. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';

/** y[i] = x[rows[i]] for distinct rows int64 [n]; dx = zeros with dx[rows[i]] = dy[i]. */
const gatherRowsOperation: Operation = {
  name: 'GatherRows',
  infer([input, rows]) {
    if (input === undefined || rows === undefined) throw new Error('GatherRows takes a matrix and row numbers');
    return [{ type: input.type, shape: [rows.shape[0] ?? 1, ...input.shape.slice(1)] }];
  },
  lower(node, context) {
    context.emit('Gather', [context.nameOf(inputOf(node, 0)), context.nameOf(inputOf(node, 1))], {
      attributes: { axis: { int: 0 } },
      outputs: [context.nameOf(outputOf(node, 0))],
    });
  },
  gradient(request) {
    const [input, rows] = [inputOf(request.node, 0), inputOf(request.node, 1)];
    return [scatterRows(request.graph, gradOf(request), rows, input), undefined];
  },
};

/** y = zeros of the third input's shape with y[rows[i]] = x[i], for distinct rows; dx[i] = dy[rows[i]]. */
const scatterRowsOperation: Operation = {
  name: 'ScatterRows',
  infer([input, , like]) {
    if (input === undefined || like === undefined) throw new Error('ScatterRows takes rows, row numbers and a shape');
    return [{ type: input.type, shape: like.shape }];
  },
  lower(node, context) {
    const [input, rows, like] = node.inputs.map((value) => context.nameOf(value)) as [string, string, string];
    const zeros = zerosLike(context, like);
    const columns =
      inputOf(node, 1).shape.length === 2 ? rows : context.emit('Unsqueeze', [rows, context.integers([1])]);
    context.emit('ScatterND', [zeros, columns, input], { outputs: [context.nameOf(outputOf(node, 0))] });
  },
  gradient: (request) => [gatherRows(request.graph, gradOf(request), inputOf(request.node, 1)), undefined, undefined],
};

/**
 * GPU providers have no ConstantOfShape. There `like` minus itself serves: it is not zero only where `like` is not finite,
 * and then no gradient is.
 */
function zerosLike(context: LoweringContext, like: string): string {
  if (!context.kernels.hasFusedKernels) return context.emit('Sub', [like, like]);
  return context.emit('ConstantOfShape', [context.emit('Shape', [like])]);
}

export function gatherRows(graph: Graph, input: Value, rows: Value): Value {
  return applyOne(graph, gatherRowsOperation, [input, rows]);
}

/** Zeros of the shape of `like` with `input` in the given rows, int64 [n], or [n, 1] where a provider cannot reshape int64. */
export function scatterRows(graph: Graph, input: Value, rows: Value, like: Value): Value {
  return applyOne(graph, scatterRowsOperation, [input, rows, like]);
}
