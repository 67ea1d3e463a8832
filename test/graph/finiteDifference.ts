/**
 * Checks gradient rules against finite differences: L = sum(c * output) for a random c, its derivative along random
 * directions once by the rules and once by central differences with one Richardson extrapolation.
 */
import { expect } from 'vitest';
import { differentiate } from '../../engine/graph/differentiate.ts';
import { Graph, type Value } from '../../engine/graph/graph.ts';
import { lowerGraph } from '../../engine/graph/lowering.ts';
import type { Kernels } from '../../engine/graph/loweringContext.ts';
import { encodeModel } from '../../engine/onnx/encoder.ts';
import { createSession } from '../../engine/runtime/onnxRuntime.ts';
import type { Session } from '../../engine/runtime/session.ts';
import { float32Data, type HostTensor } from '../../engine/runtime/tensor.ts';
import { randomFloats } from './randomFloats.ts';

export interface GradientCase {
  /** Builds the output; trainable inputs are declared on the graph by the names in `trainable`. */
  readonly build: (graph: Graph) => Value;
  /** Every input of the graph. */
  readonly feeds: Readonly<Record<string, HostTensor>>;
  readonly trainable: readonly string[];
  /** Shape of the output, with names resolved. */
  readonly outputShape: readonly number[];
}

export const FUSED: Kernels = { hasFusedKernels: true };
export const PLAIN: Kernels = { hasFusedKernels: false };

export async function sessionOf(graph: Graph, outputs: ReadonlyMap<string, Value>, kernels: Kernels): Promise<Session> {
  const model = encodeModel(lowerGraph(graph, outputs, kernels));
  return createSession(model, { name: 'test', device: 'cpu', threads: 1 });
}

/** Feeds that a session reads, of those given. */
export function feedsOf(session: Session, feeds: Readonly<Record<string, HostTensor>>): Record<string, HostTensor> {
  return Object.fromEntries(session.inputNames.map((name) => [name, feeds[name] as HostTensor]));
}

/** Expects the gradients of every trainable input to agree with finite differences. */
export async function expectGradients(test: GradientCase, kernels: Kernels): Promise<void> {
  const coefficients = randomFloats(
    test.outputShape.reduce((total, size) => total * size, 1),
    1,
    'coefficients',
  );
  const gradients = await gradientsByRules(test, kernels, coefficients);
  const loss = await lossFunction(test, kernels, coefficients);
  for (const name of test.trainable) {
    const data = float32Data(test.feeds[name]);
    for (const seed of ['first', 'second', 'third']) {
      const direction = randomFloats(data.length, 1, `${name} ${seed}`);
      const along = dot(gradients.get(name) ?? new Float32Array(), direction);
      const difference = await directionalDerivative(loss, data, direction);
      const size = Math.max(norm(gradients.get(name) ?? new Float32Array()), 1e-3) * Math.sqrt(3);
      expect(
        Math.abs(along - difference) / size,
        `d ${name}: rule ${String(along)}, differences ${String(difference)}`,
      ).toBeLessThan(2e-3);
    }
  }
}

async function gradientsByRules(
  test: GradientCase,
  kernels: Kernels,
  coefficients: Float32Array,
): Promise<Map<string, Float32Array>> {
  const graph = new Graph();
  const output = test.build(graph);
  const gradOutput = graph.input('gradOutput', 'float32', output.shape);
  const wanted = test.trainable.map((name) => graph.inputs.get(name) as Value);
  const gradients = differentiate(graph, new Map([[output, gradOutput]]), wanted);
  const outputs = new Map(test.trainable.map((name, index) => [`grad ${name}`, gradients[index] as Value]));
  const session = await sessionOf(graph, outputs, kernels);
  const gradFeed: HostTensor = { type: 'float32', shape: test.outputShape, data: coefficients };
  const results = await session.run(feedsOf(session, { ...test.feeds, gradOutput: gradFeed }));
  await session.release();
  for (const name of test.trainable) {
    expect(results[`grad ${name}`]?.shape, `shape of d ${name}`).toEqual(test.feeds[name]?.shape);
  }
  return new Map(test.trainable.map((name) => [name, float32Data(results[`grad ${name}`])]));
}

async function lossFunction(
  test: GradientCase,
  kernels: Kernels,
  coefficients: Float32Array,
): Promise<() => Promise<number>> {
  const graph = new Graph();
  const session = await sessionOf(graph, new Map([['output', test.build(graph)]]), kernels);
  return async () => {
    const results = await session.run(feedsOf(session, test.feeds));
    expect(results['output']?.shape).toEqual(test.outputShape);
    return dot(float32Data(results['output']), coefficients);
  };
}

async function directionalDerivative(
  loss: () => Promise<number>,
  data: Float32Array,
  direction: Float32Array,
): Promise<number> {
  const original = data.slice();
  const at = async (distance: number): Promise<number> => {
    original.forEach((value, index) => (data[index] = value + distance * (direction[index] ?? 0)));
    return loss();
  };
  const central = async (h: number): Promise<number> => ((await at(h)) - (await at(-h))) / (2 * h);
  const [wide, narrow] = [await central(0.04), await central(0.02)];
  data.set(original);
  return (4 * narrow - wide) / 3;
}

function dot(left: Float32Array, right: Float32Array): number {
  return left.reduce((total, value, index) => total + value * (right[index] ?? 0), 0);
}

function norm(values: Float32Array): number {
  return Math.sqrt(dot(values, values));
}
