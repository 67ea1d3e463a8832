/**
 * From our graph to ONNX: keeps the nodes that the asked-for outputs need, lets each operation emit its ONNX nodes, and
 * gathers the small constants that they share.
 */
import { roundToF16 } from '../checkpoint/safetensors/floatConversion.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from '../onnx/graph.ts';
import type { FloatType, Graph, Node, Value } from './graph.ts';
import type { Kernels, EmitOptions, LoopValue, LoopRound, LoweringContext } from './loweringContext.ts';

/** Values that are not computed but fed, by the names of their inputs: what an earlier run saved. */
export type GivenValues = ReadonlyMap<Value, string>;

const NOTHING_GIVEN: GivenValues = new Map();

/**
 * Lowers what `outputs` need of a graph.
 *
 * @param outputs the values to compute by the names that they get; a value may appear under one name only
 * @returns an ONNX graph whose inputs are those inputs of `graph`, and those given values, that the outputs depend on
 */
export function lowerGraph(
  graph: Graph,
  outputs: ReadonlyMap<string, Value>,
  kernels: Kernels,
  given: GivenValues = NOTHING_GIVEN,
): OnnxGraph {
  const lowering = new Lowering(kernels, outputs, given);
  const isUsed = usedValues(graph, outputs.values(), given);
  for (const node of graph.nodes) if (node.outputs.some((output) => isUsed.has(output))) lowering.node(node);
  lowering.outputsThatAreInputs(outputs);
  const { nodes, read } = withoutUnused(lowering.nodes, outputs.keys());
  const givenInputs = [...given].map(([{ type, shape }, name]) => ({ name, type, shape }));
  return {
    name: 'neuroada',
    inputs: [...graph.inputs.values(), ...givenInputs].filter((input) => read.has(input.name)),
    outputs: [...outputs].map(([name, value]) => ({ name, type: value.type, shape: value.shape })),
    nodes: lastLeafFirst(nodes),
    initializers: [...lowering.constants.values()].filter((constant) => read.has(constant.name)),
  };
}

/** The values that must be computed: those that outputs depend on other than through given values. */
function usedValues(graph: Graph, outputs: Iterable<Value>, given: GivenValues): ReadonlySet<Value> {
  const used = new Set(outputs);
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => used.has(output))) continue;
    for (const input of node.inputs) if (!given.has(input)) used.add(input);
  }
  return used;
}

/** An operation emits all of its outputs; the nodes behind those that nobody reads are dropped here. */
function withoutUnused(
  nodes: readonly OnnxNode[],
  outputs: Iterable<string>,
): { readonly nodes: readonly OnnxNode[]; readonly read: ReadonlySet<string> } {
  const read = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    const isKept = node.outputs.some((output) => read.has(output));
    if (isKept) for (const input of readsOf(node)) read.add(input);
    return isKept;
  });
  return { nodes: kept.reverse(), read };
}

/** Everything that a node reads, the body of a loop included. */
function readsOf({ inputs, attributes = {} }: OnnxNode): readonly string[] {
  const bodies = Object.values(attributes).flatMap((value) => ('graph' in value ? [value.graph] : []));
  return [...inputs, ...bodies.flatMap(({ nodes }) => nodes.flatMap(readsOf))];
}

/**
 * The runtime orders nodes by a depth-first search that begins at the last node whose outputs nobody reads. With these
 * at the end, in reverse, each is computed as soon as it can be, and what it reads is freed early: otherwise every
 * gradient of deltas would wait for the end of the backward pass, and keep its operands alive until then.
 */
function lastLeafFirst(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const read = new Set(nodes.flatMap(readsOf));
  const isLeaf = ({ outputs }: OnnxNode): boolean => !outputs.some((output) => read.has(output));
  return [...nodes.filter((node) => !isLeaf(node)), ...nodes.filter(isLeaf).reverse()];
}

function unknownSizes({ name, rank }: LoopValue): OnnxValue {
  return { name, type: 'float32', shape: Array.from({ length: rank }, (_, axis) => `${name}.${String(axis)}`) };
}

class Lowering implements LoweringContext {
  readonly kernels: Kernels;
  nodes: OnnxNode[] = [];
  readonly constants = new Map<string, OnnxTensor>();
  readonly #outputNames = new Map<Value, string>();
  readonly #given: GivenValues;
  #count = 0;
  #lowered: Node | undefined;

  constructor(kernels: Kernels, outputs: ReadonlyMap<string, Value>, given: GivenValues) {
    this.kernels = kernels;
    this.#given = given;
    for (const [name, value] of outputs) {
      if (this.#outputNames.has(value)) throw new Error(`${value.name} is asked for under two names`);
      if (value.node !== undefined) this.#outputNames.set(value, name);
    }
  }

  node(node: Node): void {
    this.#lowered = node;
    node.operation.lower(node, this);
  }

  /** A given value keeps its own name as an output of its node, which nobody reads then. */
  nameOf(value: Value): string {
    const given = value.node === this.#lowered ? undefined : this.#given.get(value);
    return given ?? this.#outputNames.get(value) ?? value.name;
  }

  emit(opType: string, inputs: readonly string[], options: EmitOptions = {}): string {
    this.#count += 1;
    const name = `${opType}_${String(this.#count)}`;
    const outputs = options.outputs ?? [name];
    this.nodes.push({
      opType,
      name,
      inputs,
      outputs,
      ...(options.domain === undefined ? {} : { domain: options.domain }),
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
    });
    return outputs[0] ?? name;
  }

  emitMany(
    opType: string,
    inputs: readonly string[],
    count: number,
    options: Pick<EmitOptions, 'attributes'> = {},
  ): readonly string[] {
    const first = `${opType}_${String(this.#count + 1)}`;
    const outputs = Array.from({ length: count }, (_, index) => `${first}.${String(index)}`);
    this.emit(opType, inputs, { ...options, outputs });
    return outputs;
  }

  loop(
    count: string,
    carried: readonly LoopValue[],
    round: (number: string, carried: readonly string[]) => LoopRound,
  ): readonly string[] {
    this.#count += 1;
    const id = `Loop_${String(this.#count)}`;
    const [number, condition, goesOn] = [`${id}.number`, `${id}.condition`, `${id}.goesOn`];
    const before = carried.map(({ rank }, index) => ({ name: `${id}.carried.${String(index)}`, rank }));
    const outer = this.nodes;
    this.nodes = [];
    const made = round(
      number,
      before.map(({ name }) => name),
    );
    this.emit('Identity', [condition], { outputs: [goesOn] });
    const after = made.carried.map((name, index) => ({ name, rank: before[index]?.rank ?? 0 }));
    const body: OnnxGraph = {
      name: id,
      inputs: [
        { name: number, type: 'int64', shape: [] },
        { name: condition, type: 'bool', shape: [] },
        ...before.map(unknownSizes),
      ],
      outputs: [{ name: goesOn, type: 'bool', shape: [] }, ...[...after, ...made.stacked].map(unknownSizes)],
      nodes: this.nodes,
      initializers: [],
    };
    this.nodes = outer;
    const outputs = [...after, ...made.stacked].map((_, index) => `${id}.${String(index)}`);
    const inputs = [count, '', ...carried.map(({ name }) => name)];
    this.emit('Loop', inputs, { attributes: { body: { graph: body } }, outputs });
    return outputs;
  }

  integers(values: readonly number[]): string {
    const name = `int64[${values.join()}]`;
    const data = BigInt64Array.from(values, BigInt);
    this.constants.set(name, { name, type: 'int64', shape: [values.length], data });
    return name;
  }

  scalar(value: number, type: FloatType = 'float32'): string {
    const name = `${type}(${String(value)})`;
    const data = type === 'float16' ? Uint16Array.of(roundToF16(value)) : Float32Array.of(value);
    this.constants.set(name, { name, type, shape: [], data });
    return name;
  }

  /** An output that is a graph input needs a node of its own in ONNX. */
  outputsThatAreInputs(outputs: ReadonlyMap<string, Value>): void {
    for (const [name, value] of outputs) {
      if (value.node === undefined) this.emit('Identity', [value.name], { outputs: [name] });
    }
  }
}
