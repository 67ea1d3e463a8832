/**
 * The graph that models are written in: typed values, and nodes that apply operations to them. Building is the only
 * way to change a graph, nodes stand in execution order, and applying the same operation twice to the same values
 * yields the same node, so shared work (such as a transposed input) is computed once without anyone arranging it.
 */
import type { Operation, Signature } from './operation.ts';
import type { Shape } from './shape.ts';

/** Element types that values may have. */
export type ValueType = FloatType | 'int64' | 'int32';

/** Element types that models compute with. */
export type FloatType = 'float32' | 'float16';

/** Attributes of a node: plain data, so that equal attributes are equal as JSON. */
export type Attributes = Readonly<Record<string, unknown>>;

/** One tensor in a graph: an input, or an output of a node. */
export interface Value {
  /** Unique within its graph. */
  readonly name: string;
  readonly type: ValueType;
  readonly shape: Shape;
  /** The node that makes it; undefined for an input. */
  readonly node: Node | undefined;
}

/** An operation applied to values. */
export interface Node {
  readonly operation: Operation;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
}

/** A graph under construction. */
export class Graph {
  readonly #inputs = new Map<string, Value>();
  readonly #nodes: Node[] = [];
  readonly #interned = new Map<string, Node>();
  #count = 0;

  /** Nodes in an order in which every node comes after those that it reads. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  get inputs(): ReadonlyMap<string, Value> {
    return this.#inputs;
  }

  /** The input of this name, declared on first use. Throws when it was declared with another type or shape. */
  input(name: string, type: ValueType, shape: Shape): Value {
    const known = this.#inputs.get(name);
    if (known !== undefined) {
      if (known.type !== type || known.shape.join() !== shape.join())
        throw new Error(`input ${name} is declared twice`);
      return known;
    }
    const value: Value = { name, type, shape, node: undefined };
    this.#inputs.set(name, value);
    return value;
  }

  /** Applies an operation; returns its outputs, those of an earlier identical application where there is one. */
  apply(operation: Operation, inputs: readonly Value[], attributes: Attributes = {}): readonly Value[] {
    const key = `${operation.name}(${inputs.map((input) => input.name).join()})${JSON.stringify(attributes)}`;
    const known = this.#interned.get(key);
    if (known !== undefined) return known.outputs;
    const node = this.#append(operation, inputs, attributes);
    this.#interned.set(key, node);
    return node.outputs;
  }

  /** Appends a node that does what `node` does, on `inputs`: with values of its own, even where nothing differs. */
  repeat({ operation, attributes }: Node, inputs: readonly Value[]): Node {
    return this.#append(operation, inputs, attributes);
  }

  #append(operation: Operation, inputs: readonly Value[], attributes: Attributes): Node {
    const signatures = operation.infer(inputs, attributes);
    const outputs: Value[] = [];
    const node: Node = { operation, inputs, attributes, outputs };
    for (const signature of signatures) outputs.push(this.#output(operation.name, signature, node));
    this.#nodes.push(node);
    return node;
  }

  #output(operationName: string, signature: Signature, node: Node): Value {
    this.#count += 1;
    return { name: `${operationName}.${String(this.#count)}`, type: signature.type, shape: signature.shape, node };
  }
}

/** The first output of an operation's application, for operations that have one. */
export function applyOne(
  graph: Graph,
  operation: Operation,
  inputs: readonly Value[],
  attributes: Attributes = {},
): Value {
  const [output] = graph.apply(operation, inputs, attributes);
  if (output === undefined) throw new Error(`${operation.name} has no output`);
  return output;
}
