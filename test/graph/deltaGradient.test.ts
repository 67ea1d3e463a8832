/** Gradients of deltas on selected connections against the selected entries of the dense weight gradient. */
import { describe, expect, test } from 'vitest';
import { differentiate } from '../../engine/graph/differentiate.ts';
import { Graph, type Value } from '../../engine/graph/graph.ts';
import type { Kernels } from '../../engine/graph/loweringContext.ts';
import { linear } from '../../engine/graph/operations/products/linear.ts';
import { float32Data, int32Tensor, type HostTensor } from '../../engine/runtime/tensor.ts';
import { feedsOf, FUSED, PLAIN, sessionOf } from './finiteDifference.ts';
import { randomColumns, randomTensor } from './randomFloats.ts';

/** So many that the inputs of 6 connections each are gathered in two chunks. */
const ROWS = 420;
const COLUMNS = 100;
const FEEDS = {
  x: randomTensor([2, 5, COLUMNS], 'x'),
  weight: randomTensor([ROWS, COLUMNS], 'weight'),
  gradOutput: randomTensor([2, 5, ROWS], 'gradOutput'),
};

async function gradientOf(
  name: string,
  build: (graph: Graph, x: Value, weight: Value) => Value,
  feeds: Record<string, HostTensor>,
  kernels: Kernels,
): Promise<Float32Array> {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['batch', 'sequence', COLUMNS]);
  const weight = graph.input('weight', 'float32', [ROWS, COLUMNS]);
  const output = build(graph, x, weight);
  const gradOutput = graph.input('gradOutput', 'float32', output.shape);
  const [gradient] = differentiate(graph, new Map([[output, gradOutput]]), [graph.inputs.get(name) as Value]);
  const session = await sessionOf(graph, new Map([['gradient', gradient as Value]]), kernels);
  const results = await session.run(feedsOf(session, { ...FEEDS, ...feeds }));
  return float32Data(results['gradient']);
}

describe.each([
  ['fused kernels', FUSED],
  ['plain kernels', PLAIN],
] as const)('deltas with %s', (_, kernels) => {
  test.each([
    { k: 1, neurons: null },
    { k: 2, neurons: null },
    { k: 3, neurons: null },
    { k: 6, neurons: null },
    { k: 20, neurons: null },
    { k: 2, neurons: [0, 3, 4, 11] },
    { k: 100, neurons: [7] },
  ])('k = $k, neurons $neurons', async ({ k, neurons }) => {
    const rows = neurons ?? Array.from({ length: ROWS }, (_unused, row) => row);
    const indices = randomColumns(rows.length, k, COLUMNS, `columns ${String(k)}`);
    const dense = await gradientOf('weight', linear, {}, kernels);
    const feeds: Record<string, HostTensor> = { indices: int32Tensor(indices, [rows.length, k]) };
    if (neurons !== null) feeds['neurons'] = int32Tensor(Int32Array.from(neurons), [neurons.length]);
    const sparse = await gradientOf(
      'delta',
      (graph, x, weight) =>
        linear(graph, x, weight, {
          delta: graph.input('delta', 'float32', [rows.length, k]),
          indices: graph.input('indices', 'int32', [rows.length, k]),
          neurons: neurons === null ? undefined : graph.input('neurons', 'int32', [neurons.length]),
        }),
      feeds,
      kernels,
    );
    const expected = rows.flatMap((row, i) =>
      [...indices.subarray(i * k, (i + 1) * k)].map((column) => dense[row * COLUMNS + column] ?? NaN),
    );
    expect(sparse).toHaveLength(expected.length);
    expected.forEach((value, index) => {
      expect(sparse[index]).toBeCloseTo(value, 4);
    });
  });
});
