/** ONNX graphs whose parameters are constants: of one computation, or of two that share them. */
import type { NamedGraph } from '../model/layerGraphs.ts';
import { lowerGraph } from '../graph/lowering.ts';
import type { Kernels } from '../graph/loweringContext.ts';
import type { LayerWeights } from '../model/weights/modelWeights.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from '../onnx/graph.ts';

/** The input that says which computation of a branched graph is wanted: bool []. */
export const BRANCH_INPUT = 'isFirst';

/** A graph that computes one of two things. */
export interface BranchedGraph {
  readonly graph: OnnxGraph;
  /** The graph's output of each output of the two. */
  readonly outputNames: readonly [ReadonlyMap<string, string>, ReadonlyMap<string, string>];
}

/** The graph with those of its inputs that are among the parameters turned into constants. */
export function heldGraph(named: NamedGraph, kernels: Kernels, parameters: LayerWeights): OnnxGraph {
  const graph = lowerGraph(named.graph, named.outputs, kernels, named.given);
  const { inputs, constants } = divideInputs(graph.inputs, parameters);
  return { ...graph, inputs, initializers: [...graph.initializers, ...constants] };
}

/**
 * One `If` whose branches are the two computations. Its outputs serve both: they have the branches' outputs in their
 * order, filled up with single zeros where one has fewer, so all outputs must be float32 and those that share a place of
 * equal rank.
 */
export function branchedGraph(
  computations: readonly [NamedGraph, NamedGraph],
  kernels: Kernels,
  parameters: LayerWeights,
): BranchedGraph {
  const [first, second] = computations;
  const count = Math.max(first.outputs.size, second.outputs.size);
  const places = Array.from({ length: count }, (_, place) => ({
    name: `output ${String(place)}`,
    rank: (outputAt(first, place) ?? outputAt(second, place))?.shape.length ?? 0,
  }));
  const branches = computations.map((computation, index) => branch(computation, kernels, places, index));
  const { inputs, constants } = divideInputs(
    [...new Map(branches.flatMap(({ inputs: read }) => read.map((input) => [input.name, input]))).values()],
    parameters,
  );
  const [thenBranch, elseBranch] = branches as [OnnxGraph, OnnxGraph];
  const choice: OnnxNode = {
    opType: 'If',
    inputs: [BRANCH_INPUT],
    outputs: places.map(({ name }) => name),
    attributes: {
      then_branch: { graph: { ...thenBranch, inputs: [] } },
      else_branch: { graph: { ...elseBranch, inputs: [] } },
    },
  };
  const graph: OnnxGraph = {
    name: 'neuroada',
    inputs: [{ name: BRANCH_INPUT, type: 'bool', shape: [] }, ...inputs],
    outputs: places.map(({ name, rank }) => unknownSizes(name, rank)),
    nodes: [choice],
    initializers: constants,
  };
  return { graph, outputNames: [placed(first, places), placed(second, places)] };
}

interface Place {
  readonly name: string;
  readonly rank: number;
}

function branch(named: NamedGraph, kernels: Kernels, places: readonly Place[], index: number): OnnxGraph {
  const inner = (name: string): string => `branch ${String(index)} ${name}`;
  const outputs = new Map([...named.outputs].map(([, value], place) => [inner(places[place]?.name ?? ''), value]));
  const graph = lowerGraph(named.graph, outputs, kernels, named.given);
  const missing = places.slice(outputs.size);
  return {
    ...graph,
    name: inner(''),
    outputs: places.map(({ name, rank }) => unknownSizes(inner(name), rank)),
    initializers: [
      ...graph.initializers,
      ...missing.map(({ name, rank }): OnnxTensor => {
        const shape = Array.from({ length: rank }, () => 1);
        return { name: `${inner(name)} zero`, type: 'float32', shape, data: new Float32Array(1) };
      }),
    ],
    nodes: [
      ...graph.nodes,
      ...missing.map(({ name }): OnnxNode => {
        return { opType: 'Identity', inputs: [`${inner(name)} zero`], outputs: [inner(name)] };
      }),
    ],
  };
}

function placed(named: NamedGraph, places: readonly Place[]): ReadonlyMap<string, string> {
  return new Map([...named.outputs.keys()].map((name, place) => [name, places[place]?.name ?? '']));
}

function outputAt({ outputs }: NamedGraph, place: number): { readonly shape: readonly unknown[] } | undefined {
  return [...outputs.values()][place];
}

function divideInputs(
  inputs: readonly OnnxValue[],
  parameters: LayerWeights,
): { readonly inputs: readonly OnnxValue[]; readonly constants: readonly OnnxTensor[] } {
  return {
    inputs: inputs.filter(({ name }) => !parameters.has(name)),
    constants: inputs.flatMap(({ name }): OnnxTensor[] => {
      const parameter = parameters.get(name);
      return parameter === undefined ? [] : [{ name, type: 'float32', ...parameter }];
    }),
  };
}

function unknownSizes(name: string, rank: number): OnnxValue {
  return { name, type: 'float32', shape: Array.from({ length: rank }, (_, axis) => `${name} ${String(axis)}`) };
}
