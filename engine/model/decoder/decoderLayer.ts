/** One layer of a LLaMA-family decoder as a graph: pre-norm attention and pre-norm gated MLP, each with a residual. */
import type { DecoderConfig } from '../../checkpoint/config/decoderConfig.ts';
import type { FloatType, Graph, Value } from '../../graph/graph.ts';
import { add } from '../../graph/operations/elements/add.ts';
import { cast } from '../../graph/operations/elements/cast.ts';
import { reshape } from '../../graph/operations/places/reshape.ts';
import { rmsNorm } from '../../graph/operations/norms/rmsNorm.ts';
import { rotary, type RotaryAngles } from '../../graph/operations/attention/rotary.ts';
import { split } from '../../graph/operations/places/split.ts';
import { swiGlu } from '../../graph/operations/activations/swiGlu.ts';
import { transpose } from '../../graph/operations/places/transpose.ts';
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
 * Builds the layer. Where its matrices are float16, so are the products and what lies between them; norms and the residual
 * stay float32.
 *
 * @param hidden float32 [batch, sequence, hidden]
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
  const residual = add(graph, hidden, cast(graph, build.project(joined, 'attentionOutput'), 'float32'));
  const normedResidual = build.norm(residual, 'mlpNorm', config.hiddenSize);
  const gate = build.project(normedResidual, 'gate');
  const up = build.project(normedResidual, 'up');
  const output = add(graph, residual, cast(graph, build.project(swiGlu(graph, gate, up), 'down'), 'float32'));
  return { output, savable: { attention: { ...heads, mixed, residual }, mlp: { gate, up } } };
}

/** Applies a layer's own parameters. */
export interface LayerBuilder {
  /** In float32, whatever the input is. */
  norm(input: Value, name: string, size: number): Value;
  /** A linear layer with its bias and what is trained beside its weight, in the type of the weight. */
  project(input: Value, projection: ProjectionName): Value;
}

export function layerBuilder(
  graph: Graph,
  config: DecoderConfig,
  around: Pick<LayerSurroundings, 'parameter' | 'trained'>,
): LayerBuilder {
  const { projections } = layerParameters(config, 0);
  return {
    norm(input, name, size) {
      const wide = cast(graph, input, 'float32');
      return rmsNorm(graph, wide, around.parameter(name, [size]), config.rmsNormEpsilon);
    },
    project(input, projection) {
      const { shape, bias } = projections[projection];
      const weight = around.parameter(projection, shape);
      const type = weight.type as FloatType;
      const output = trainedLinear(graph, cast(graph, input, type), weight, around.trained(projection));
      if (bias === undefined) return output;
      return add(graph, output, cast(graph, around.parameter(bias.name, bias.shape), type));
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
    config.hasQueryKeyNorm ? cast(graph, build.norm(head, name, headSize), head.type as FloatType) : head;
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
