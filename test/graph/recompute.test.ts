/** Which values of a forward pass gradient rules are given, and which of them are computed again. */
import { expect, test } from 'vitest';
import { differentiate } from '../../engine/graph/differentiate.ts';
import { Graph, type Value } from '../../engine/graph/graph.ts';
import { peakLiveBytes } from '../../engine/graph/liveness.ts';
import { recomputing } from '../../engine/graph/recompute.ts';
import { swiGlu } from '../../engine/graph/operations/activations/swiGlu.ts';
import { linear } from '../../engine/graph/operations/products/linear.ts';

const WIDTH = 8;

/** Gated layers, one above the other: each keeps its gate and its output. */
function gatedLayers(count: number): { graph: Graph; input: Value; output: Value; weights: Value[]; gates: Value[] } {
  const graph = new Graph();
  const input = graph.input('input', 'float32', [4, WIDTH]);
  const [weights, gates]: [Value[], Value[]] = [[], []];
  let output = input;
  for (let layer = 0; layer < count; layer++) {
    const [inner, outer] = ['inner', 'outer'].map((name) =>
      graph.input(`${name}.${String(layer)}`, 'float32', [WIDTH, WIDTH]),
    ) as [Value, Value];
    const gate = linear(graph, output, inner);
    output = linear(graph, swiGlu(graph, gate, output), outer);
    weights.push(inner, outer);
    gates.push(gate);
  }
  return { graph, input, output, weights, gates };
}

function namesSince(graph: Graph, start: number): readonly string[] {
  return graph.nodes.slice(start).map(({ operation }) => operation.name);
}

test('what is neither kept nor expensive is computed again, once', () => {
  const { graph, output, weights } = gatedLayers(1);
  const before = graph.nodes.length;
  const seed = graph.input('seed', 'float32', output.shape);
  differentiate(graph, new Map([[output, seed]]), weights, recomputing(graph, new Set()));
  const made = namesSince(graph, before);
  expect(made.filter((name) => name === 'Silu')).toHaveLength(1);
  expect(made).not.toContain('Linear');
});

test('what is kept is read as it is', () => {
  const { graph, output, weights } = gatedLayers(1);
  const kept = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const before = graph.nodes.length;
  const seed = graph.input('seed', 'float32', output.shape);
  differentiate(graph, new Map([[output, seed]]), weights, recomputing(graph, kept));
  expect(namesSince(graph, before)).not.toContain('Silu');
});

test('values live shorter, and no gradient is missing', () => {
  const peaks = [false, true].map((isRecomputing) => {
    const { graph, output, weights } = gatedLayers(6);
    const seed = graph.input('seed', 'float32', output.shape);
    const recall = isRecomputing ? recomputing(graph, new Set()) : undefined;
    const gradients = differentiate(graph, new Map([[output, seed]]), weights, recall);
    expect(gradients).not.toContain(undefined);
    return peakLiveBytes(graph, gradients as Value[], {}, new Map(), new Set(gradients as Value[]));
  }) as [number, number];
  expect(peaks[1]).toBeLessThan(peaks[0] * 0.7);
});
