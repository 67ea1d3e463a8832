/**
 * Reverse-mode differentiation: walks a graph from its outputs to its inputs, applies each node's gradient rule where
 * something trainable lies below it, and adds up what reaches a value along several paths.
 */
import type { Graph, Node, Value } from './graph.ts';
import { add } from './operations/elements/add.ts';
import type { Recall } from './recompute.ts';

/**
 * Extends `graph` by the gradients of a scalar L.
 *
 * @param gradOutputs dL/d(value) for the values where differentiation starts
 * @param wanted the values whose gradients are asked for
 * @param recall what gradient rules read of a node; the node itself where absent
 * @returns dL/d(wanted[i]) for each i; undefined where L does not depend on it
 * @throws Error naming the operation where one on the way must not be differentiated
 */
export function differentiate(
  graph: Graph,
  gradOutputs: ReadonlyMap<Value, Value>,
  wanted: readonly Value[],
  recall: Recall = (node) => node,
): readonly (Value | undefined)[] {
  const trainable = valuesAbove(graph, wanted);
  const gradients = new Map<Value, Value>(gradOutputs);
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => trainable.has(output) && gradients.has(output))) continue;
    accumulate(graph, node, trainable, gradients, recall);
  }
  return wanted.map((value) => gradients.get(value));
}

/** Every value that depends on one of `wanted`, these included. */
function valuesAbove(graph: Graph, wanted: readonly Value[]): ReadonlySet<Value> {
  const above = new Set(wanted);
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => above.has(input))) for (const output of node.outputs) above.add(output);
  }
  return above;
}

function accumulate(
  graph: Graph,
  node: Node,
  trainable: ReadonlySet<Value>,
  gradients: Map<Value, Value>,
  recall: Recall,
): void {
  const { gradient, name } = node.operation;
  if (gradient === 'constant') return;
  if (gradient === 'inference') throw new Error(`operation ${name} cannot be differentiated: it is for inference only`);
  const gradInputs = gradient({
    graph,
    node: recall(node),
    gradOutputs: node.outputs.map((output) => gradients.get(output)),
    isNeeded: node.inputs.map((input) => trainable.has(input)),
  });
  if (gradInputs.length !== node.inputs.length) {
    throw new Error(
      `gradient of ${name}: ${String(gradInputs.length)} gradients for ${String(node.inputs.length)} inputs`,
    );
  }
  node.inputs.forEach((input, index) => {
    const gradInput = gradInputs[index];
    if (gradInput === undefined || !trainable.has(input)) return;
    const known = gradients.get(input);
    gradients.set(input, known === undefined ? gradInput : add(graph, known, gradInput));
  });
}
