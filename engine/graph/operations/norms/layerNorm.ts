/** Layer normalisation (Ba, Kiros and Hinton 2016, equations 3 and 4), with or without a bias. */
import type { Graph, Node, Value } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import { subtract } from '../elements/add.ts';
import { reduceSum, sumToShape } from '../elements/broadcasting.ts';
import { multiply } from '../elements/multiply.ts';
import { rowDot } from '../products/rowDot.ts';
import { scale } from '../elements/scale.ts';

/**
 * y = w h + b with h = (x - m) r, m = mean(x) and r = 1 / sqrt(mean((x - m)^2) + epsilon) over the last axis of n features;
 * m and r, both [..., 1], are the second and third output.
 *
 * With g = dy w: dx = r (g - mean(g) - h mean(g h)); dw = sum(dy h) and db = sum(dy) over the rows.
 */
const layerNormOperation: Operation = {
  name: 'LayerNorm',
  infer([input]) {
    if (input === undefined) throw new Error('LayerNorm takes an input, a weight and perhaps a bias');
    const statistic = { type: input.type, shape: [...input.shape.slice(0, -1), 1] };
    return [{ type: input.type, shape: input.shape }, statistic, statistic];
  },
  lower: lowerLayerNorm,
  gradient(request) {
    const { graph, node, isNeeded } = request;
    const [x, weight] = [inputOf(node, 0), inputOf(node, 1)];
    const [mean, r] = [outputOf(node, 1), outputOf(node, 2)];
    const dy = gradOf(request);
    const normalised = (): Value => multiply(graph, subtract(graph, x, mean), r);
    const gradInput = (): Value => {
      const g = multiply(graph, dy, weight);
      const share = 1 / Number(x.shape.at(-1));
      const meanOf = scale(graph, reduceSum(graph, g, [g.shape.length - 1]), share);
      const along = multiply(graph, normalised(), scale(graph, rowDot(graph, g, normalised()), share));
      return multiply(graph, subtract(graph, subtract(graph, g, meanOf), along), r);
    };
    return [
      isNeeded[0] === true ? gradInput() : undefined,
      isNeeded[1] === true ? sumToShape(graph, multiply(graph, dy, normalised()), weight) : undefined,
      ...node.inputs.slice(2).map((bias) => (isNeeded[2] === true ? sumToShape(graph, dy, bias) : undefined)),
    ];
  },
};

function lowerLayerNorm(node: Node, context: LoweringContext): void {
  const epsilon = Number(node.attributes['epsilon']);
  const inputs = node.inputs.map((input) => context.nameOf(input)) as [string, string, ...string[]];
  const [y, mean, r] = node.outputs.map((output) => context.nameOf(output)) as [string, string, string];
  if (context.kernels.hasFusedKernels) {
    context.emit('LayerNormalization', inputs, {
      attributes: { axis: { int: -1 }, epsilon: { float: epsilon }, stash_type: { int: 1 } },
      outputs: [y, mean, r],
    });
    return;
  }
  const [x, weight, bias] = inputs;
  const meanOf = (value: string, outputs?: readonly string[]): string =>
    context.emit('ReduceMean', [value, context.integers([-1])], {
      attributes: { keepdims: { int: 1 } },
      ...(outputs === undefined ? {} : { outputs }),
    });
  const centred = context.emit('Sub', [x, meanOf(x, [mean])]);
  const variance = meanOf(context.emit('Mul', [centred, centred]));
  const root = context.emit('Sqrt', [context.emit('Add', [variance, context.scalar(epsilon)])]);
  const normalised = context.emit('Mul', [centred, context.emit('Reciprocal', [root], { outputs: [r] })]);
  if (bias === undefined) context.emit('Mul', [normalised, weight], { outputs: [y] });
  else context.emit('Add', [context.emit('Mul', [normalised, weight]), bias], { outputs: [y] });
}

/** x normalised over its last axis to mean 0 and variance 1, times `weight`, plus `bias` where there is one. */
export function layerNorm(graph: Graph, input: Value, weight: Value, bias: Value | undefined, epsilon: number): Value {
  const [output] = graph.apply(layerNormOperation, [input, weight, ...(bias === undefined ? [] : [bias])], { epsilon });
  if (output === undefined) throw new Error('LayerNorm has no output');
  return output;
}
