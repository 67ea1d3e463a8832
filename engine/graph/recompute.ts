/**
 * Rebuilding a forward graph inside another graph, with some of its values given from outside: how a layer's backward
 * graph recomputes what its forward pass did not save.
 */
import type { Graph, Value } from './graph.ts';

/**
 * Copies the nodes of `source` into `target`.
 *
 * @param given values of `source` that become inputs of `target` by the given names instead of being computed
 * @returns the value of `target` for each value of `source`
 */
export function recompute(source: Graph, target: Graph, given: ReadonlyMap<Value, string>): ReadonlyMap<Value, Value> {
  const copies = new Map<Value, Value>();
  const copyOf = (value: Value): Value => {
    const copy = copies.get(value);
    if (copy === undefined) throw new Error(`${value.name} is used before it is made`);
    return copy;
  };
  for (const input of source.inputs.values()) copies.set(input, target.input(input.name, input.type, input.shape));
  for (const node of source.nodes) {
    const outputs = target.apply(node.operation, node.inputs.map(copyOf), node.attributes);
    node.outputs.forEach((output, index) => {
      const name = given.get(output);
      const copy = name === undefined ? outputs[index] : target.input(name, output.type, output.shape);
      if (copy !== undefined) copies.set(output, copy);
    });
  }
  return copies;
}
