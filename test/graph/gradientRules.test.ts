/** Every operation's gradient rule against finite differences, with the fused kernels and without. */
import { describe, test } from 'vitest';
import type { Graph, Value } from '../../engine/graph/graph.ts';
import { add, subtract } from '../../engine/graph/operations/elements/add.ts';
import { attention } from '../../engine/graph/operations/attention/attention.ts';
import { expandLike, reduceSum } from '../../engine/graph/operations/elements/broadcasting.ts';
import { linearCrossEntropy } from '../../engine/graph/operations/losses/crossEntropy.ts';
import { gatherRows, scatterRows } from '../../engine/graph/operations/places/gatherRows.ts';
import { gelu } from '../../engine/graph/operations/activations/gelu.ts';
import { layerNorm } from '../../engine/graph/operations/norms/layerNorm.ts';
import { linear } from '../../engine/graph/operations/products/linear.ts';
import { matmul } from '../../engine/graph/operations/products/matmul.ts';
import { multiply } from '../../engine/graph/operations/elements/multiply.ts';
import { relu } from '../../engine/graph/operations/activations/relu.ts';
import { reshape } from '../../engine/graph/operations/places/reshape.ts';
import { rmsNorm } from '../../engine/graph/operations/norms/rmsNorm.ts';
import { rotary } from '../../engine/graph/operations/attention/rotary.ts';
import { rowDot } from '../../engine/graph/operations/products/rowDot.ts';
import { scale, shift } from '../../engine/graph/operations/elements/scale.ts';
import { sigmoid } from '../../engine/graph/operations/activations/sigmoid.ts';
import { softmaxCrossEntropy } from '../../engine/graph/operations/losses/softmaxCrossEntropy.ts';
import { concatenate, split } from '../../engine/graph/operations/places/split.ts';
import { swiGlu } from '../../engine/graph/operations/activations/swiGlu.ts';
import { tanh } from '../../engine/graph/operations/activations/tanh.ts';
import { transpose } from '../../engine/graph/operations/places/transpose.ts';
import { int64Tensor, type HostTensor } from '../../engine/runtime/tensor.ts';
import { expectGradients, FUSED, PLAIN, type GradientCase } from './finiteDifference.ts';
import { randomTensor } from './randomFloats.ts';

type Shapes = Readonly<Record<string, readonly number[]>>;

/** A case whose trainable inputs are floats of the given shapes. */
function gradientCase(
  shapes: Shapes,
  outputShape: readonly number[],
  build: (graph: Graph, inputs: Readonly<Record<string, Value>>) => Value,
  others: Readonly<Record<string, HostTensor>> = {},
): GradientCase {
  const feeds = { ...others };
  for (const [name, shape] of Object.entries(shapes)) feeds[name] = randomTensor(shape, name);
  return {
    outputShape,
    feeds,
    trainable: Object.keys(shapes),
    build(graph) {
      const declared = Object.entries(feeds).map(([name, { type, shape }]) => [
        name,
        graph.input(name, type as Value['type'], shape),
      ]);
      return build(graph, Object.fromEntries(declared) as Record<string, Value>);
    },
  };
}

const input = (inputs: Readonly<Record<string, Value>>, name: string): Value => inputs[name] as Value;

function binary(
  operation: (graph: Graph, a: Value, b: Value) => Value,
): (graph: Graph, inputs: Readonly<Record<string, Value>>) => Value {
  return (graph, inputs) => operation(graph, input(inputs, 'a'), input(inputs, 'b'));
}

const positions = int64Tensor(BigInt64Array.of(0n, 1n, 2n, 1n, 3n, 4n), [2, 3]);
const angle = (kind: 'cos' | 'sin'): HostTensor => {
  const angles = Array.from({ length: 10 }, (_, index) => Math.floor(index / 2) * (index % 2 === 0 ? 1 : 0.1));
  return { type: 'float32', shape: [5, 2], data: Float32Array.from(angles, (value) => Math[kind](value)) };
};
const causal: HostTensor = {
  type: 'float32',
  shape: [1, 1, 3, 3],
  data: Float32Array.of(0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0),
};

const CASES: Readonly<Record<string, GradientCase>> = {
  'Add, broadcast': gradientCase({ a: [2, 3, 4], b: [3, 1] }, [2, 3, 4], binary(add)),
  'Add, the same value twice': gradientCase({ a: [3, 4] }, [3, 4], (graph, { a }) =>
    add(graph, a as Value, a as Value),
  ),
  'Sub, broadcast': gradientCase({ a: [1, 4], b: [3, 4] }, [3, 4], binary(subtract)),
  'Mul, broadcast': gradientCase({ a: [2, 3, 4], b: [4] }, [2, 3, 4], binary(multiply)),
  MulScalar: gradientCase({ a: [3] }, [3], (graph, inputs) => scale(graph, input(inputs, 'a'), -2.5)),
  AddScalar: gradientCase({ a: [3] }, [3], (graph, inputs) => shift(graph, input(inputs, 'a'), 2)),
  ReduceSum: gradientCase({ a: [2, 3, 4] }, [2, 1, 4], (graph, inputs) => reduceSum(graph, input(inputs, 'a'), [1])),
  Expand: gradientCase({ a: [2, 1, 4], b: [2, 3, 4] }, [2, 3, 4], (graph, inputs) =>
    multiply(graph, expandLike(graph, input(inputs, 'a'), input(inputs, 'b')), input(inputs, 'b')),
  ),
  Reshape: gradientCase({ a: [2, 6] }, [3, 4], (graph, inputs) => reshape(graph, input(inputs, 'a'), [3, 4])),
  Transpose: gradientCase({ a: [2, 3, 4] }, [4, 2, 3], (graph, inputs) =>
    transpose(graph, input(inputs, 'a'), [2, 0, 1]),
  ),
  'Split and Concat': gradientCase({ a: [2, 6] }, [2, 6], (graph, inputs) => {
    const [first, second, third] = split(graph, input(inputs, 'a'), 1, [1, 2, 3]) as [Value, Value, Value];
    return concatenate(graph, [third, first, scale(graph, second, 3)], 1);
  }),
  Sigmoid: gradientCase({ a: [3, 4] }, [3, 4], (graph, inputs) => sigmoid(graph, input(inputs, 'a'))),
  SwiGlu: gradientCase({ a: [3, 4], b: [3, 4] }, [3, 4], binary(swiGlu)),
  RowDot: gradientCase({ a: [2, 3, 4], b: [2, 3, 4] }, [2, 3, 1], binary(rowDot)),
  RmsNorm: gradientCase(
    { a: [2, 3, 8], b: [8] },
    [2, 3, 8],
    binary((graph, a, b) => rmsNorm(graph, a, b, 1e-5)),
  ),
  LayerNorm: gradientCase({ a: [2, 3, 8], b: [8], c: [8] }, [2, 3, 8], (graph, { a, b, c }) =>
    layerNorm(graph, a as Value, b as Value, c, 1e-5),
  ),
  'LayerNorm, without a bias and over long rows': gradientCase(
    { a: [2, 300], b: [300] },
    [2, 300],
    binary((graph, a, b) => layerNorm(graph, a, b, undefined, 1e-5)),
  ),
  Gelu: gradientCase({ a: [3, 4] }, [3, 4], (graph, inputs) => gelu(graph, scale(graph, input(inputs, 'a'), 2))),
  Tanh: gradientCase({ a: [3, 4] }, [3, 4], (graph, inputs) => tanh(graph, input(inputs, 'a'))),
  Relu: gradientCase({ a: [3, 4] }, [3, 4], (graph, inputs) => relu(graph, input(inputs, 'a'))),
  SoftmaxCrossEntropy: gradientCase(
    { a: [3, 4] },
    [1, 1],
    (graph, inputs) => softmaxCrossEntropy(graph, input(inputs, 'a'), input(inputs, 'targets')),
    { targets: { type: 'float32', shape: [3, 4], data: Float32Array.of(0.5, 0, 0, 0, 0, 0, 0.2, 0.1, 0, 0, 0, 1) } },
  ),
  'Linear, dense': gradientCase({ a: [2, 3, 4], b: [5, 4] }, [2, 3, 5], binary(linear)),
  GatherRows: gradientCase(
    { a: [5, 4] },
    [3, 4],
    (graph, inputs) => gatherRows(graph, input(inputs, 'a'), input(inputs, 'rows')),
    { rows: int64Tensor(BigInt64Array.of(4n, 0n, 2n), [3]) },
  ),
  ScatterRows: gradientCase(
    { a: [3, 4], b: [5, 4] },
    [5, 4],
    (graph, inputs) =>
      multiply(
        graph,
        scatterRows(graph, input(inputs, 'a'), input(inputs, 'rows'), input(inputs, 'b')),
        input(inputs, 'b'),
      ),
    { rows: int64Tensor(BigInt64Array.of(4n, 0n, 2n), [3]) },
  ),
  Rotary: gradientCase(
    { a: [2, 2, 3, 4] },
    [2, 2, 3, 4],
    (graph, inputs) => {
      const [at, cos, sin] = ['positions', 'cos', 'sin'].map((name) => input(inputs, name)) as [Value, Value, Value];
      return rotary(graph, input(inputs, 'a'), { positions: at, cos, sin });
    },
    { positions, cos: angle('cos'), sin: angle('sin') },
  ),
  'Attention, grouped queries': gradientCase(
    { a: [2, 4, 3, 4], b: [2, 2, 3, 4], c: [2, 2, 3, 4] },
    [2, 4, 3, 4],
    (graph, inputs) => {
      const [a, b, c, mask] = ['a', 'b', 'c', 'mask'].map((name) => input(inputs, name)) as [
        Value,
        Value,
        Value,
        Value,
      ];
      return attention(graph, a, b, c, mask, 0.5);
    },
    { mask: causal },
  ),
  'Attention, one group per head': gradientCase(
    { a: [1, 2, 3, 4], b: [1, 2, 3, 4], c: [1, 2, 3, 4] },
    [1, 2, 3, 4],
    (graph, inputs) => {
      const [a, b, c, mask] = ['a', 'b', 'c', 'mask'].map((name) => input(inputs, name)) as [
        Value,
        Value,
        Value,
        Value,
      ];
      return attention(graph, a, b, c, mask, 0.5);
    },
    { mask: causal },
  ),
  'Attention, padding masked': gradientCase(
    { a: [2, 2, 3, 4], b: [2, 2, 3, 4], c: [2, 2, 3, 4] },
    [2, 2, 3, 4],
    (graph, inputs) => {
      const [a, b, c, mask] = ['a', 'b', 'c', 'mask'].map((name) => input(inputs, name)) as [
        Value,
        Value,
        Value,
        Value,
      ];
      return attention(graph, a, b, c, mask, 0.5);
    },
    { mask: { type: 'float32', shape: [2, 1, 1, 3], data: Float32Array.of(0, 0, 0, 0, 0, -1e9) } },
  ),
  LinearCrossEntropy: gradientCase(
    { a: [3, 4] },
    [1, 1],
    (graph, inputs) => {
      const [a, embedding, labels, weights] = ['a', 'embedding', 'labels', 'weights'].map((name) =>
        input(inputs, name),
      ) as [Value, Value, Value, Value];
      return linearCrossEntropy(graph, a, embedding, labels, weights);
    },
    {
      embedding: randomTensor([7, 4], 'embedding', 2),
      labels: int64Tensor(BigInt64Array.of(6n, 0n, 3n), [3]),
      weights: { type: 'float32', shape: [3, 1], data: Float32Array.of(0.5, 0, 1) },
    },
  ),
};

for (const transposeLeft of [false, true]) {
  for (const transposeRight of [false, true]) {
    const shapes = { a: transposeLeft ? [2, 4, 3] : [2, 3, 4], b: transposeRight ? [2, 5, 4] : [2, 4, 5] };
    const name = `MatMul, ${transposeLeft ? 'a^T' : 'a'} ${transposeRight ? 'b^T' : 'b'}`;
    (CASES as Record<string, GradientCase>)[name] = gradientCase(
      shapes,
      [2, 3, 5],
      binary((graph, a, b) => matmul(graph, a, b, { transposeLeft, transposeRight, alpha: 0.7 })),
    );
  }
}

describe.each([
  ['fused kernels', FUSED],
  ['plain kernels', PLAIN],
] as const)('gradient rules with %s', (_, kernels) => {
  test.each(Object.entries(CASES))('%s', async (_name, gradient) => {
    await expectGradients(gradient, kernels);
  });
});
