/** Attention of new tokens over a cache of keys and values, for generation: the runtime's fused kernel. */
import type { Graph, Node, Value } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { outputOf, type Operation } from '../../operation.ts';

/** The kernel's own name for an input that is not given. */
const ABSENT = '';

/** The kernel takes heads whose size is a multiple of this. */
const HEAD_MULTIPLE = 16;

/**
 * Size of heads in the cache. A smaller head of size d is widened by zeros after each of its halves, which leaves
 * rotations and dot products what they are.
 */
export function cachedHeadSize(headSize: number): number {
  return Math.ceil(headSize / HEAD_MULTIPLE) * HEAD_MULTIPLE;
}

/**
 * O = softmax(scale rot(Q) rot(K)^T) V, where K and V are the cached and the new ones, causal within each row. Outputs: O
 * [batch, sequence, heads * d] and the caches with the new keys (rotated) and values written behind those that were there.
 *
 * Inputs: queries, keys and values side by side as one value [batch, sequence, (heads + 2 keyValueHeads) d], or as three;
 * past keys and values [batch, keyValueHeads, capacity, c] with c = {@link cachedHeadSize}; last int32 [batch], the position
 * of each row's last token; total int32 [1], the longest row's length; cos and sin [positions, c/2]. A first pass (total = sequence) may be padded
 * at the right; later passes add one token to each row. Where the new caches are fetched into the arrays of the past ones,
 * the kernel writes in place and copies nothing.
 *
 * Attributes: heads, keyValueHeads, headSize, scale, window (positions that a token sees, its own included; null for all).
 */
const cachedAttentionOperation: Operation = {
  name: 'CachedAttention',
  infer(inputs, attributes) {
    const { newTokens, past } = partsOf(inputs);
    const [batch = 1, sequence = 1] = newTokens[0]?.shape ?? [];
    const [pastKey, pastValue] = past;
    if (pastKey === undefined || pastValue === undefined) throw new Error('CachedAttention takes past keys and values');
    const width = Number(attributes['heads']) * Number(attributes['headSize']);
    return [
      { type: 'float32', shape: [batch, sequence, width] },
      { type: 'float32', shape: pastKey.shape },
      { type: 'float32', shape: pastValue.shape },
    ];
  },
  lower: lowerCachedAttention,
  gradient: 'inference',
};

/** The last six inputs are the cache and the positions; what stands before them is the new tokens. */
function partsOf(inputs: readonly Value[]): { newTokens: readonly Value[]; past: readonly Value[] } {
  return { newTokens: inputs.slice(0, -6), past: inputs.slice(-6) };
}

function lowerCachedAttention(node: Node, context: LoweringContext): void {
  const { newTokens, past } = partsOf(node.inputs);
  const { heads, keyValueHeads, headSize, scale, window } = node.attributes as unknown as CachedAttentionOptions;
  const names = newTokens.map((value) => widened(context, context.nameOf(value), headSize));
  const [output, key, value] = [0, 1, 2].map((index) => context.nameOf(outputOf(node, index))) as [
    string,
    string,
    string,
  ];
  const isWidened = cachedHeadSize(headSize) !== headSize;
  const inputs = [
    ...names,
    ...Array<string>(3 - names.length).fill(ABSENT),
    ...past.map((part) => context.nameOf(part)),
  ];
  const attended = context.emit('GroupQueryAttention', inputs, {
    domain: 'com.microsoft',
    attributes: {
      num_heads: { int: heads },
      kv_num_heads: { int: keyValueHeads },
      scale: { float: scale },
      do_rotary: { int: 1 },
      ...(window === null ? {} : { local_window_size: { int: window } }),
    },
    outputs: [isWidened ? `${output}.widened` : output, key, value],
  });
  if (isWidened) narrow(context, attended, headSize, output);
}

/** Heads side by side, [batch, sequence, n d], as n heads of the cache's size. */
function widened(context: LoweringContext, name: string, headSize: number): string {
  const zeros = (cachedHeadSize(headSize) - headSize) / 2;
  if (zeros === 0) return name;
  const halves = context.emit('Reshape', [name, context.integers([0, 0, -1, headSize / 2])]);
  const padded = context.emit('Pad', [halves, context.integers([0, 0, 0, 0, 0, 0, 0, zeros])]);
  return context.emit('Reshape', [padded, joinedShape(context)]);
}

function narrow(context: LoweringContext, name: string, headSize: number, output: string): void {
  const half = cachedHeadSize(headSize) / 2;
  const halves = context.emit('Reshape', [name, context.integers([0, 0, -1, half])]);
  const [start, end, axis] = [0, headSize / 2, 3].map((value) => context.integers([value])) as [string, string, string];
  const cut = context.emit('Slice', [halves, start, end, axis]);
  context.emit('Reshape', [cut, joinedShape(context)], { outputs: [output] });
}

function joinedShape(context: LoweringContext): string {
  return context.integers([0, 0, -1]);
}

/** The inputs of {@link cachedAttention} beside the new tokens. */
export interface CachedContext {
  /** [batch, keyValueHeads, capacity, cached head size] */
  readonly pastKey: Value;
  readonly pastValue: Value;
  /** int32 [batch] */
  readonly last: Value;
  /** int32 [1] */
  readonly total: Value;
  /** [positions, cached head size / 2] */
  readonly cos: Value;
  readonly sin: Value;
}

export interface CachedAttentionOptions {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly scale: number;
  /** Positions that a token sees, its own included; null for all. */
  readonly window: number | null;
}

/** @param newTokens queries, keys and values: side by side in one value, or three values */
export function cachedAttention(
  graph: Graph,
  newTokens: readonly Value[],
  { pastKey, pastValue, last, total, cos, sin }: CachedContext,
  options: CachedAttentionOptions,
): Readonly<Record<'output' | 'key' | 'value', Value>> {
  const inputs = [...newTokens, pastKey, pastValue, last, total, cos, sin];
  const [output, key, value] = graph.apply(cachedAttentionOperation, inputs, { ...options });
  if (output === undefined || key === undefined || value === undefined)
    throw new Error('CachedAttention has 3 outputs');
  return { output, key, value };
}
