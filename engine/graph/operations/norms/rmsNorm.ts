/** Root-mean-square layer normalisation (Zhang and Sennrich 2019, equation 4). */
import type { Graph, Node, Value } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import { sumToShape } from '../elements/broadcasting.ts';
import { multiply } from '../elements/multiply.ts';
import { rowDot } from '../products/rowDot.ts';
import { scale } from '../elements/scale.ts';
import { subtract } from '../elements/add.ts';

/**
 * y = w x r with r = 1 / sqrt(mean(x^2) + epsilon) over the last axis of n features; r is the second output, [..., 1].
 *
 * With g = dy w: dx = r g - x r^2 mean(dy y), since mean(g x r) = mean(dy y); dw = sum(dy x r) over the rows.
 */
const rmsNormOperation: Operation = {
  name: 'RmsNorm',
  infer([input]) {
    if (input === undefined) throw new Error('RmsNorm takes an input and a weight');
    return [
      { type: input.type, shape: input.shape },
      { type: input.type, shape: [...input.shape.slice(0, -1), 1] },
    ];
  },
  lower: lowerRmsNorm,
  gradient(request) {
    const { graph, node, isNeeded } = request;
    const [x, weight, y, r] = [inputOf(node, 0), inputOf(node, 1), outputOf(node, 0), outputOf(node, 1)];
    const dy = gradOf(request);
    const gradInput = (): Value => {
      const meanDot = scale(graph, rowDot(graph, dy, y), 1 / Number(x.shape.at(-1)));
      const along = multiply(graph, x, multiply(graph, meanDot, multiply(graph, r, r)));
      return subtract(graph, multiply(graph, multiply(graph, dy, weight), r), along);
    };
    const gradWeight = (): Value => sumToShape(graph, multiply(graph, dy, multiply(graph, x, r)), weight);
    return [isNeeded[0] === true ? gradInput() : undefined, isNeeded[1] === true ? gradWeight() : undefined];
  },
};

function lowerRmsNorm(node: Node, context: LoweringContext): void {
  const epsilon = Number(node.attributes['epsilon']);
  const [x, weight] = [context.nameOf(inputOf(node, 0)), context.nameOf(inputOf(node, 1))];
  const [y, r] = [context.nameOf(outputOf(node, 0)), context.nameOf(outputOf(node, 1))];
  if (context.kernels.hasFusedKernels) {
    context.emit('SimplifiedLayerNormalization', [x, weight], {
      attributes: { axis: { int: -1 }, epsilon: { float: epsilon }, stash_type: { int: 1 } },
      outputs: [y, r],
    });
    return;
  }
  const squares = context.emit('Mul', [x, x]);
  const mean = context.emit('ReduceMean', [squares, context.integers([-1])], { attributes: { keepdims: { int: 1 } } });
  const root = context.emit('Sqrt', [context.emit('Add', [mean, context.scalar(epsilon)])]);
  context.emit('Reciprocal', [root], { outputs: [r] });
  context.emit('Mul', [context.emit('Mul', [x, r]), weight], { outputs: [y] });
}

/** x normalised over its last axis and scaled by `weight`; epsilon is added to the mean square. */
export function rmsNorm(graph: Graph, input: Value, weight: Value, epsilon: number): Value {
  const [output] = graph.apply(rmsNormOperation, [input, weight], { epsilon });
  if (output === undefined) throw new Error('RmsNorm has no output');
  return output;
}
