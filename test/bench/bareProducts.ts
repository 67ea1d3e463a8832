/**
 * The matrix products of one step, run bare: the limit that a step is held against. Counted are, for each layer, the
 * forward and input-gradient products of the linear layers and the two forward and four backward products of attention,
 * all over the full sequence; and the head's logits and input gradient. Products of delta gradients are not counted.
 */
import type { DecoderConfig } from '../../engine/checkpoint/decoderConfig.ts';
import { Graph } from '../../engine/graph/graph.ts';
import { matmul, type MatmulOptions } from '../../engine/graph/operations/matmul.ts';
import { createGraphSession } from '../../engine/inference/graphSession.ts';
import type { Session } from '../../engine/runtime/session.ts';
import { float32Tensor, type HostTensor } from '../../engine/runtime/tensor.ts';
import { randomFloats } from '../graph/randomFloats.ts';
import { BENCH_OPTIONS, LENGTH, ROWS } from './smolModel.ts';

/** Milliseconds of a step's products, and of those that the layered plan computes a second time. */
export interface BareTimes {
  readonly stepMs: number;
  readonly recomputeMs: number;
}

interface Product {
  readonly session: Session;
  readonly feeds: Readonly<Record<string, HostTensor>>;
  readonly fetches: Readonly<Record<string, HostTensor>>;
  readonly perStep: number;
  readonly recomputed: number;
}

type Shape = readonly number[];

export async function bareProducts(config: DecoderConfig): Promise<{ measure(): Promise<BareTimes> }> {
  const products: Product[] = [];
  const operands = new Map<string, HostTensor>();
  const operand = (shape: Shape, role: string): HostTensor => {
    const key = `${role} ${shape.join()}`;
    const known =
      operands.get(key) ??
      float32Tensor(
        randomFloats(
          shape.reduce((a, b) => a * b, 1),
          1,
          key,
        ),
        shape,
      );
    operands.set(key, known);
    return known;
  };
  const add = async (
    left: Shape,
    right: Shape,
    options: MatmulOptions,
    perStep: number,
    recomputed: number,
  ): Promise<void> => {
    const graph = new Graph();
    const product = matmul(graph, graph.input('a', 'float32', left), graph.input('b', 'float32', right), options);
    const session = await createGraphSession(
      'bare product',
      { graph, outputs: new Map([['y', product]]) },
      BENCH_OPTIONS,
    );
    const output = operand(product.shape.map(Number), 'output');
    products.push({
      session,
      feeds: { a: operand(left, 'a'), b: operand(right, 'b') },
      fetches: { y: output },
      perStep,
      recomputed,
    });
  };
  const { layerCount, hiddenSize, intermediateSize, headSize, vocabularySize, keyValueHeadCount } = config;
  const tokens = ROWS * LENGTH;
  const queryRows = config.headCount * headSize;
  const linears = [
    { out: queryRows + 2 * keyValueHeadCount * headSize, in: hiddenSize, count: 1, isRecomputed: true },
    { out: hiddenSize, in: queryRows, count: 1, isRecomputed: true },
    { out: intermediateSize, in: hiddenSize, count: 2, isRecomputed: true },
    { out: hiddenSize, in: intermediateSize, count: 1, isRecomputed: false },
  ];
  for (const linear of linears) {
    const runs = layerCount * linear.count;
    await add(
      [tokens, linear.in],
      [linear.out, linear.in],
      { transposeRight: true },
      runs,
      linear.isRecomputed ? runs : 0,
    );
    await add([tokens, linear.out], [linear.out, linear.in], {}, runs, 0);
  }
  const group = (config.headCount / keyValueHeadCount) * LENGTH;
  const heads = [ROWS, keyValueHeadCount];
  const [query, key, scores] = [
    [...heads, group, headSize],
    [...heads, LENGTH, headSize],
    [...heads, group, LENGTH],
  ];
  await add(query, key, { transposeRight: true }, layerCount * 2, layerCount);
  await add(scores, key, {}, layerCount * 2, layerCount);
  await add(scores, query, { transposeLeft: true }, layerCount * 2, 0);
  const headRows = 256;
  await add([headRows, hiddenSize], [vocabularySize, hiddenSize], { transposeRight: true }, tokens / headRows, 0);
  await add([headRows, vocabularySize], [vocabularySize, hiddenSize], {}, tokens / headRows, 0);
  return { measure: () => measure(products) };
}

/** Each product once more than it takes to warm it up, and its time taken as often as a step runs it. */
async function measure(products: readonly Product[]): Promise<BareTimes> {
  let stepMs = 0;
  let recomputeMs = 0;
  for (const { session, feeds, fetches, perStep, recomputed } of products) {
    await session.run(feeds, fetches);
    const start = performance.now();
    const runs = 3;
    for (let run = 0; run < runs; run++) await session.run(feeds, fetches);
    const ms = (performance.now() - start) / runs;
    stepMs += ms * perStep;
    recomputeMs += ms * recomputed;
  }
  return { stepMs, recomputeMs };
}
