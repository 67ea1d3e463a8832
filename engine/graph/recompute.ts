/**
 * Gradient checkpointing within one graph (Chen et al. 2016): of the forward pass only some values are kept for the backward
 * pass; what gradient rules read beside them is computed again, just before it is needed.
 */
import type { Graph, Node, Value } from './graph.ts';

/** The node that a gradient rule reads in place of a node of the forward pass. */
export type Recall = (node: Node) => Node;

/**
 * A recall whose nodes have the same operation, on values that are kept or computed again from such. Nothing is computed
 * again that no rule reads. Outputs of expensive operations are kept, whatever `kept` says.
 */
export function recomputing(graph: Graph, kept: ReadonlySet<Value>): Recall {
  const known = new Map<Node, Node>();
  const recalled = (value: Value): Value => {
    const { node } = value;
    if (node === undefined || node.operation.isExpensive === true || kept.has(value)) return value;
    const again = repeated(node).outputs[node.outputs.indexOf(value)];
    if (again === undefined) throw new Error(`${value.name} is no output of its node`);
    return again;
  };
  const repeated = (node: Node): Node => {
    const again = known.get(node) ?? graph.repeat(node, node.inputs.map(recalled));
    known.set(node, again);
    return again;
  };
  return (node) => ({ ...node, inputs: node.inputs.map(recalled), outputs: node.outputs.map(recalled) });
}
