/**
 * What an operation is: the shapes that it makes, the ONNX nodes that compute it, and the rule that differentiates it.
 * The three stand together in one file per operation, so that none can be forgotten.
 */
import type { Attributes, Graph, Node, Value, ValueType } from './graph.ts';
import type { LoweringContext } from './loweringContext.ts';
import type { Shape } from './shape.ts';

/** Type and shape of one output. */
export interface Signature {
  readonly type: ValueType;
  readonly shape: Shape;
}

/** What a gradient rule is given. */
export interface GradientRequest {
  /** Where the rule builds the gradients: the graph that also holds `node`. */
  readonly graph: Graph;
  readonly node: Node;
  /** dL/d(output) for each output; undefined where nothing depends on it. At least one is defined. */
  readonly gradOutputs: readonly (Value | undefined)[];
  /** Which inputs need a gradient; at least one does. Work for the others may be left out. */
  readonly isNeeded: readonly boolean[];
}

/** Makes dL/d(input) for each input that is needed; undefined for the others. */
export type GradientRule = (request: GradientRequest) => readonly (Value | undefined)[];

export interface Operation {
  /** Unique among operations; names appear in errors and in profiles. */
  readonly name: string;
  /** Types and shapes of the outputs. Throws on inputs that the operation is not defined for. */
  infer(inputs: readonly Value[], attributes: Attributes): readonly Signature[];
  /** Shapes of the float32 arrays that exist only while the operation runs, where it needs large ones. */
  workspace?(node: Node): readonly Shape[];
  /** Whether computing the outputs a second time would cost more than keeping them. */
  readonly isExpensive?: true;
  /** Emits the ONNX nodes that compute the outputs. */
  lower(node: Node, context: LoweringContext): void;
  /** The gradient rule, or why there is none: `constant` has the gradient zero, `inference` must never be asked. */
  readonly gradient: GradientRule | 'constant' | 'inference';
}

/** Input number `index` of a node, which its operation knows to exist. */
export function inputOf(
  node: { readonly inputs: readonly Value[]; readonly operation: Operation },
  index: number,
): Value {
  const value = node.inputs[index];
  if (value === undefined) throw new Error(`${node.operation.name} has no input ${String(index)}`);
  return value;
}

/** Output number `index` of a node, which its operation knows to exist. */
export function outputOf(node: Node, index: number): Value {
  const value = node.outputs[index];
  if (value === undefined) throw new Error(`${node.operation.name} has no output ${String(index)}`);
  return value;
}

/** The gradient of an output that the rule cannot do without. */
export function gradOf(request: GradientRequest, index = 0): Value {
  const value = request.gradOutputs[index];
  if (value === undefined)
    throw new Error(`${request.node.operation.name}: no gradient reaches output ${String(index)}`);
  return value;
}
