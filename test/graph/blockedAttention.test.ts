/** Attention in blocks of rows against attention as a whole: outputs and gradients, windows and segments included. */
import { describe, expect, test } from 'vitest';
import { differentiate } from '../../engine/graph/differentiate.ts';
import { Graph, type Value } from '../../engine/graph/graph.ts';
import { attention } from '../../engine/graph/operations/attention/attention.ts';
import { blockedAttention } from '../../engine/graph/operations/attention/blockedAttention.ts';
import { float32Data, int32Tensor, int64Tensor, type HostTensor } from '../../engine/runtime/tensor.ts';
import { relativeError } from '../training/goldenModel.ts';
import { feedsOf, FUSED, PLAIN, sessionOf } from './finiteDifference.ts';
import { randomTensor } from './randomFloats.ts';

const BATCH = 2;
const HEADS = 4;
const SIZE = 8;

type Attend = (graph: Graph, query: Value, key: Value, value: Value) => Value;

/** Output and gradients, by name. */
async function results(
  attend: Attend,
  feeds: Readonly<Record<string, HostTensor>>,
  kernels: typeof FUSED,
): Promise<Readonly<Record<string, Float32Array>>> {
  const graph = new Graph();
  const heads = (name: string): Value =>
    graph.input(name, 'float32', ['batch', feeds[name]?.shape[1] ?? 1, 'sequence', SIZE]);
  const inputs = ['query', 'key', 'value'].map(heads) as [Value, Value, Value];
  const output = attend(graph, ...inputs);
  const gradients = differentiate(graph, new Map([[output, heads('gradOutput')]]), inputs);
  const wanted = [output, ...gradients].map((value, index) => [`result${String(index)}`, value as Value] as const);
  const session = await sessionOf(graph, new Map(wanted), kernels);
  const found = await session.run(feedsOf(session, feeds));
  await session.release();
  return Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, float32Data(tensor)]));
}

function seen(segments: Int32Array, length: number, window: number): Float32Array {
  const mask = new Float32Array(BATCH * length * length).fill(-1e9);
  for (let row = 0; row < BATCH * length; row++) {
    const [first, t] = [row - (row % length), row % length];
    for (let s = Math.max(0, t - window + 1); s <= t; s++) {
      if (segments[first + s] === segments[row]) mask[row * length + s] = 0;
    }
  }
  return mask;
}

describe.each([
  ['fused kernels', FUSED],
  ['plain kernels', PLAIN],
] as const)('%s', (_kernels, kernels) => {
  test.each([
    { length: 11, keyHeads: 2, window: 11, segmentLength: 11 },
    { length: 12, keyHeads: 4, window: 12, segmentLength: 5 },
    { length: 13, keyHeads: 1, window: 3, segmentLength: 13 },
    { length: 9, keyHeads: 2, window: 2, segmentLength: 4 },
    { length: 4, keyHeads: 2, window: 4, segmentLength: 4 },
    { length: 1, keyHeads: 2, window: 1, segmentLength: 1 },
  ])('$length tokens, $keyHeads key heads, window $window, segments of $segmentLength', async (setting) => {
    const { length, keyHeads, window, segmentLength } = setting;
    const segments = Int32Array.from({ length: BATCH * length }, (_, index) =>
      Math.floor((index % length) / segmentLength),
    );
    const feeds = {
      query: randomTensor([BATCH, HEADS, length, SIZE], 'query', 3),
      key: randomTensor([BATCH, keyHeads, length, SIZE], 'key', 3),
      value: randomTensor([BATCH, keyHeads, length, SIZE], 'value'),
      gradOutput: randomTensor([BATCH, HEADS, length, SIZE], 'gradOutput'),
      mask: { type: 'float32' as const, shape: [BATCH, 1, length, length], data: seen(segments, length, window) },
      segments: int32Tensor(segments, [BATCH, length]),
      window: int64Tensor(BigInt64Array.of(BigInt(window)), [1]),
    };
    const whole = await results(
      (graph, q, k, v) =>
        attention(graph, q, k, v, graph.input('mask', 'float32', ['batch', 1, 'sequence', 'sequence']), 0.4),
      feeds,
      kernels,
    );
    const blocked = await results(
      (graph, q, k, v) => {
        const reach = {
          segments: graph.input('segments', 'int32', ['batch', 'sequence']),
          window: graph.input('window', 'int64', [1]),
        };
        return blockedAttention(graph, q, k, v, reach, 0.4, 4);
      },
      feeds,
      kernels,
    );
    expect(Object.keys(blocked)).toEqual(['result0', 'result1', 'result2', 'result3']);
    for (const [name, values] of Object.entries(whole))
      expect(relativeError(blocked[name] ?? [], values), name).toBeLessThan(2e-6);
  });
});
