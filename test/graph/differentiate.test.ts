/** What the reverse walk does beside applying rules: sharing, skipping frozen parts, and refusing what it must. */
import { describe, expect, test } from 'vitest';
import { differentiate } from '../../engine/graph/differentiate.ts';
import { applyOne, Graph, type Value } from '../../engine/graph/graph.ts';
import { lowerGraph } from '../../engine/graph/lowering.ts';
import { add } from '../../engine/graph/operations/elements/add.ts';
import { featureMajor } from '../../engine/graph/operations/products/deltaGradient.ts';
import { linear } from '../../engine/graph/operations/products/linear.ts';
import { multiply } from '../../engine/graph/operations/elements/multiply.ts';
import type { Operation } from '../../engine/graph/operation.ts';
import { FUSED } from './finiteDifference.ts';

function twoInputs(): { graph: Graph; a: Value; b: Value; seed: Value } {
  const graph = new Graph();
  return {
    graph,
    a: graph.input('a', 'float32', [3, 4]),
    b: graph.input('b', 'float32', [3, 4]),
    seed: graph.input('seed', 'float32', [3, 4]),
  };
}

describe('differentiate', () => {
  test('gives no gradient to what the output does not depend on', () => {
    const { graph, a, b, seed } = twoInputs();
    const output = add(graph, a, a);
    expect(differentiate(graph, new Map([[output, seed]]), [b])).toEqual([undefined]);
  });

  test('does no work for frozen inputs', () => {
    const { graph, a, seed } = twoInputs();
    const weight = graph.input('weight', 'float32', [4, 4]);
    const output = linear(graph, a, weight);
    const before = graph.nodes.length;
    differentiate(graph, new Map([[output, seed]]), [a]);
    expect(graph.nodes.slice(before).map((node) => node.operation.name)).toEqual(['MatMul']);
  });

  test('names the operation that must not be differentiated', () => {
    const { graph, a } = twoInputs();
    const output = featureMajor(graph, a);
    const seed = graph.input('seedT', 'float32', output.shape);
    expect(() => differentiate(graph, new Map([[output, seed]]), [a])).toThrow(/FeatureMajor cannot be differentiated/);
  });

  test('reports a rule that forgets an input, by name', () => {
    const { graph, a, b, seed } = twoInputs();
    const careless: Operation = {
      name: 'Careless',
      infer: ([input]) => [{ type: 'float32', shape: input?.shape ?? [] }],
      lower: () => undefined,
      gradient: () => [],
    };
    const output = applyOne(graph, careless, [a, b]);
    expect(() => differentiate(graph, new Map([[output, seed]]), [a])).toThrow(
      /gradient of Careless: 0 gradients for 2 inputs/,
    );
  });
});

describe('Graph', () => {
  test('yields the same value for the same work', () => {
    const { graph, a, b } = twoInputs();
    expect(multiply(graph, a, b)).toBe(multiply(graph, a, b));
    expect(multiply(graph, a, b)).not.toBe(multiply(graph, b, a));
  });

  test('refuses shapes that do not fit', () => {
    const { graph, a } = twoInputs();
    expect(() => add(graph, a, graph.input('c', 'float32', [5]))).toThrow(/\[3, 4\] and \[5\] do not broadcast/);
    expect(() => linear(graph, a, graph.input('w', 'float32', [4, 5]))).toThrow(
      /4 features for a weight with 5 columns/,
    );
    expect(() => graph.input('a', 'float32', [1])).toThrow(/declared twice/);
  });
});

describe('lowering', () => {
  test('lowers only what the outputs need', () => {
    const { graph, a, b } = twoInputs();
    multiply(graph, a, b);
    const onnx = lowerGraph(graph, new Map([['sum', add(graph, a, a)]]), FUSED);
    expect(onnx.nodes.map((node) => node.opType)).toEqual(['Add']);
    expect(onnx.inputs.map((input) => input.name)).toEqual(['a']);
  });

  test('takes given values from outside instead of computing them', () => {
    const { graph, a, b } = twoInputs();
    const product = multiply(graph, a, b);
    const sum = add(graph, product, a);
    const onnx = lowerGraph(graph, new Map([['sum', sum]]), FUSED, new Map([[product, 'saved']]));
    expect(onnx.nodes.map((node) => node.opType)).toEqual(['Add']);
    expect(onnx.inputs.map((input) => input.name).toSorted()).toEqual(['a', 'saved']);
  });
});
