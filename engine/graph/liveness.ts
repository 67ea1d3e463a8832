/** How much memory a graph needs while it runs, predicted from the lifetimes of its values. */
import type { GivenValues } from './lowering.ts';
import type { Graph, Node, Value } from './graph.ts';
import type { Dimension, Shape } from './shape.ts';

const ELEMENT_BYTES = { float32: 4, float16: 2, int64: 8, int32: 4 } as const;

/** Sizes of the named dimensions. */
export type DimensionSizes = Readonly<Record<string, number>>;

/** Elements of a shape once its names are known; a name such as `2*batch*sequence` is a product. */
export function elementsOf(shape: Shape, sizes: DimensionSizes): number {
  return shape.reduce<number>((total, dimension) => total * sizeOf(dimension, sizes), 1);
}

function sizeOf(dimension: Dimension, sizes: DimensionSizes): number {
  if (typeof dimension === 'number') return dimension;
  return dimension.split('*').reduce((total, factor) => {
    const size = /^\d+$/.test(factor) ? Number(factor) : sizes[factor];
    if (size === undefined) throw new Error(`the size of dimension ${factor} is not known`);
    return total * size;
  }, 1);
}

/**
 * Largest sum of bytes of the values that are alive at once, inputs and given values left out: each value lives from the
 * node that makes it to the last one that reads it, outputs to the end. Reshapes share their input's memory.
 *
 * @param outside outputs that are written into memory of someone else
 */
export function peakLiveBytes(
  graph: Graph,
  outputs: Iterable<Value>,
  sizes: DimensionSizes,
  given: GivenValues = new Map(),
  outside: ReadonlySet<Value> = new Set(),
): number {
  const kept = new Set(outputs);
  const nodes = neededNodes(graph, kept, given);
  const lastReader = new Map<Value, Node>();
  for (const node of nodes) for (const input of node.inputs) lastReader.set(storageOf(input), node);
  let live = 0;
  let peak = 0;
  for (const node of nodes) {
    const isLasting = (output: Value): boolean => lastReader.has(output) || kept.has(output);
    const [lasting, unread] = [node.outputs.filter(isLasting), node.outputs.filter((output) => !isLasting(output))];
    live += bytesOf(
      lasting.filter((output) => !outside.has(output)),
      sizes,
    );
    const workspace = node.operation.workspace?.(node) ?? [];
    const workspaceBytes = workspace.reduce((total, shape) => total + elementsOf(shape, sizes) * 4, 0);
    peak = Math.max(peak, live + workspaceBytes + bytesOf(unread, sizes));
    for (const input of new Set(node.inputs.map(storageOf))) {
      const isOwned = input.node !== undefined && !given.has(input) && !kept.has(input);
      if (isOwned && lastReader.get(input) === node) live -= bytesOf([input], sizes);
    }
  }
  return peak;
}

function neededNodes(graph: Graph, outputs: ReadonlySet<Value>, given: GivenValues): readonly Node[] {
  const used = new Set(outputs);
  const nodes = graph.nodes.toReversed().filter((node) => {
    const isNeeded = node.outputs.some((output) => used.has(output));
    if (isNeeded) for (const input of node.inputs) if (!given.has(input)) used.add(input);
    return isNeeded;
  });
  return nodes.reverse();
}

/** The value whose memory a value uses: itself, or what it is a reshape of. */
function storageOf(value: Value): Value {
  const [source] = value.node?.operation.name === 'Reshape' ? value.node.inputs : [];
  return source === undefined ? value : storageOf(source);
}

/** Bytes of the values that have memory of their own. */
function bytesOf(values: readonly Value[], sizes: DimensionSizes): number {
  const owners = values.filter((value) => storageOf(value) === value);
  return owners.reduce((total, { shape, type }) => total + elementsOf(shape, sizes) * ELEMENT_BYTES[type], 0);
}
