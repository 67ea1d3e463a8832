/** One layer of a LLaMA-family decoder as a graph: pre-norm attention and pre-norm gated MLP, each with a residual. */
import type { DecoderConfig } from '../../checkpoint/config/decoderConfig.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { add } from '../../graph/operations/add.ts';
import { reshape } from '../../graph/operations/reshape.ts';
import { rmsNorm } from '../../graph/operations/rmsNorm.ts';
import { rotary, type RotaryAngles } from '../../graph/operations/rotary.ts';
import { split } from '../../graph/operations/split.ts';
import { swiGlu } from '../../graph/operations/swiGlu.ts';
import { transpose } from '../../graph/operations/transpose.ts';
import { layerParameters, type ProjectionName } from '../parameters/parameters.ts';
import { trainedLinear, type TrainedWeight } from '../trainedLinear.ts';

/** Where a layer's graph gets the values that are not its own hidden state. */
export interface LayerSurroundings {
  readonly angles: RotaryAngles;
  /** Attention of heads [batch, heads, sequence, headSize] to those before them, as large as the queries. */
  attend(query: Value, key: Value, value: Value): Value;
  /** The value of a parameter of this layer. */
  parameter(name: string, shape: readonly number[]): Value;
  /** What is trained beside a projection's weight; undefined where nothing is. */
  trained(projection: ProjectionName): TrainedWeight | undefined;
}

/** A layer's output, and the inner values that the backward pass may be spared from recomputing. */
export interface DecoderLayer {
  /** [batch, sequence, hidden] */
  readonly output: Value;
  /** Query, key and value after rotation, attention output, residual after attention; then gate and up. */
  readonly savable: Readonly<Record<'attention' | 'mlp', Readonly<Record<string, Value>>>>;
}

/**
 * Builds the layer.
 *
 * @param hidden [batch, sequence, hidden]
 */
export function decoderLayer(
  graph: Graph,
  config: DecoderConfig,
  hidden: Value,
  around: LayerSurroundings,
): DecoderLayer {
  const build = layerBuilder(graph, config, around);
  const normed = build.norm(hidden, 'attentionNorm', config.hiddenSize);
  const heads = attentionHeads(graph, config, build, normed, around);
  const mixed = around.attend(heads.query, heads.key, heads.value);
  const joined = joinHeads(graph, config, mixed);
  const residual = add(graph, hidden, build.project(joined, 'attentionOutput'));
  const normedResidual = build.norm(residual, 'mlpNorm', config.hiddenSize);
  const gate = build.project(normedResidual, 'gate');
  const up = build.project(normedResidual, 'up');
  const output = add(graph, residual, build.project(swiGlu(graph, gate, up), 'down'));
  return { output, savable: { attention: { ...heads, mixed, residual }, mlp: { gate, up } } };
}

/** Applies a layer's own parameters. */
export interface LayerBuilder {
  norm(input: Value, name: string, size: number): Value;
  /** A linear layer with its bias and what is trained beside its weight. */
  project(input: Value, projection: ProjectionName): Value;
}

export function layerBuilder(
  graph: Graph,
  config: DecoderConfig,
  around: Pick<LayerSurroundings, 'parameter' | 'trained'>,
): LayerBuilder {
  const { projections } = layerParameters(config, 0);
  return {
    norm: (input, name, size) => rmsNorm(graph, input, around.parameter(name, [size]), config.rmsNormEpsilon),
    project(input, projection) {
      const { shape, bias } = projections[projection];
      const weight = around.parameter(projection, shape);
      const output = trainedLinear(graph, input, weight, around.trained(projection));
      return bias === undefined ? output : add(graph, output, around.parameter(bias.name, bias.shape));
    },
  };
}

/** Query, key and value heads, [batch, heads, sequence, headSize], normed where the architecture does, and rotated. */
function attentionHeads(
  graph: Graph,
  config: DecoderConfig,
  build: LayerBuilder,
  normed: Value,
  around: LayerSurroundings,
): Readonly<Record<'query' | 'key' | 'value', Value>> {
  const { headCount, keyValueHeadCount, headSize } = config;
  const [batch = 1, sequence = 1] = normed.shape;
  const stacked = build.project(normed, 'queryKeyValue');
  const heads = reshape(graph, stacked, [batch, sequence, headCount + 2 * keyValueHeadCount, headSize]);
  const parts = split(graph, transpose(graph, heads, [0, 2, 1, 3]), 1, [
    headCount,
    keyValueHeadCount,
    keyValueHeadCount,
  ]);
  const [query, key, value] = parts as [Value, Value, Value];
  const normedHead = (head: Value, name: string): Value =>
    config.hasQueryKeyNorm ? build.norm(head, name, headSize) : head;
  return {
    query: rotary(graph, normedHead(query, 'queryNorm'), around.angles),
    key: rotary(graph, normedHead(key, 'keyNorm'), around.angles),
    value,
  };
}

/** [batch, heads, sequence, headSize] to [batch, sequence, heads * headSize]. */
function joinHeads(graph: Graph, config: DecoderConfig, heads: Value): Value {
  const [batch = 1, , sequence = 1] = heads.shape;
  return reshape(graph, transpose(graph, heads, [0, 2, 1, 3]), [batch, sequence, config.headCount * config.headSize]);
}
