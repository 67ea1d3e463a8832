/** One decoder layer for generation as a graph: it reads a cache of keys and values and adds those of the new tokens. */
import type { DecoderConfig } from '../../checkpoint/config/decoderConfig.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { add } from '../../graph/operations/elements/add.ts';
import {
  cachedAttention,
  cachedHeadSize,
  type CachedContext,
} from '../../graph/operations/attention/cachedAttention.ts';
import { reshape } from '../../graph/operations/places/reshape.ts';
import { split } from '../../graph/operations/places/split.ts';
import { swiGlu } from '../../graph/operations/activations/swiGlu.ts';
import { layerBuilder, type LayerBuilder } from './decoderLayer.ts';
import type { NamedGraph } from '../layerGraphs.ts';
import type { LayerTraining } from '../layerTraining.ts';
import { layerParameters } from '../parameters/parameters.ts';
import { trainedWeight } from '../trainedLinear.ts';

/** Names of the graph's inputs and outputs that are not parameters. */
export const DECODE_NAMES = {
  hidden: 'hidden',
  pastKey: 'pastKey',
  pastValue: 'pastValue',
  last: 'last',
  total: 'total',
  cos: 'cos',
  sin: 'sin',
  output: 'output',
  key: 'key',
  value: 'value',
} as const;

/**
 * Inputs: hidden [batch, sequence, hidden], pastKey and pastValue [batch, keyValueHeads, capacity, c] (c the cached head size), last int32
 * [batch] (each row's last position), total int32 [1] (the longest row's length), cos and sin, and the layer's parameters.
 * Outputs: output as hidden; key and value, the caches with the new tokens' own.
 *
 * @param window positions that a token sees, its own included; null for all
 * @param bypasses of the layer, whose factors are among its parameters
 */
export function layerDecode(config: DecoderConfig, window: number | null, bypasses: LayerTraining = {}): NamedGraph {
  const graph = new Graph();
  const { projections } = layerParameters(config, 0);
  const hidden = graph.input(DECODE_NAMES.hidden, 'float32', ['batch', 'sequence', config.hiddenSize]);
  const build = layerBuilder(graph, config, {
    parameter: (name, shape) => graph.input(name, 'float32', shape),
    trained: (projection) => trainedWeight(graph, projection, projections[projection].shape, bypasses[projection]),
  });
  const stacked = build.project(build.norm(hidden, 'attentionNorm', config.hiddenSize), 'queryKeyValue');
  const attended = cachedAttention(graph, newTokens(graph, config, build, stacked), cacheInputs(graph, config), {
    heads: config.headCount,
    keyValueHeads: config.keyValueHeadCount,
    headSize: config.headSize,
    scale: 1 / Math.sqrt(config.headSize),
    window,
  });
  const residual = add(graph, hidden, build.project(attended.output, 'attentionOutput'));
  const normed = build.norm(residual, 'mlpNorm', config.hiddenSize);
  const gated = swiGlu(graph, build.project(normed, 'gate'), build.project(normed, 'up'));
  const output = add(graph, residual, build.project(gated, 'down'));
  return {
    graph,
    outputs: new Map([
      [DECODE_NAMES.output, output],
      [DECODE_NAMES.key, attended.key],
      [DECODE_NAMES.value, attended.value],
    ]),
  };
}

function cacheInputs(graph: Graph, { keyValueHeadCount, headSize }: DecoderConfig): CachedContext {
  const past = (name: string): Value =>
    graph.input(name, 'float32', ['batch', keyValueHeadCount, 'capacity', cachedHeadSize(headSize)]);
  const angles = (name: string): Value => graph.input(name, 'float32', ['positions', cachedHeadSize(headSize) / 2]);
  return {
    pastKey: past(DECODE_NAMES.pastKey),
    pastValue: past(DECODE_NAMES.pastValue),
    last: graph.input(DECODE_NAMES.last, 'int32', ['batch']),
    total: graph.input(DECODE_NAMES.total, 'int32', [1]),
    cos: angles(DECODE_NAMES.cos),
    sin: angles(DECODE_NAMES.sin),
  };
}

/** Queries, keys and values as they come, or taken apart where queries and keys are normed head by head. */
function newTokens(graph: Graph, config: DecoderConfig, build: LayerBuilder, stacked: Value): readonly Value[] {
  if (!config.hasQueryKeyNorm) return [stacked];
  const { headCount, keyValueHeadCount, headSize } = config;
  const [batch = 1, sequence = 1] = stacked.shape;
  const heads = reshape(graph, stacked, [batch, sequence, headCount + 2 * keyValueHeadCount, headSize]);
  const [query, key, value] = split(graph, heads, 2, [headCount, keyValueHeadCount, keyValueHeadCount]);
  if (query === undefined || key === undefined || value === undefined) throw new Error('split into three parts');
  const joined = (part: Value, count: number): Value => reshape(graph, part, [batch, sequence, count * headSize]);
  return [
    joined(build.norm(query, 'queryNorm', headSize), headCount),
    joined(build.norm(key, 'keyNorm', headSize), keyValueHeadCount),
    joined(value, keyValueHeadCount),
  ];
}
