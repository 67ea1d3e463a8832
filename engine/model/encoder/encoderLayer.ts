/**
 * One encoder layer as a graph: attention to both sides and an MLP, each with a residual. BERT and its kin norm after each
 * residual (Vaswani et al. 2017, section 3.1); ModernBERT norms before, rotates queries and keys, and gates its MLP.
 */
import type { Activation, EncoderConfig } from '../../checkpoint/config/encoderConfig.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { add } from '../../graph/operations/elements/add.ts';
import { attention } from '../../graph/operations/attention/attention.ts';
import { gelu } from '../../graph/operations/activations/gelu.ts';
import { layerNorm } from '../../graph/operations/norms/layerNorm.ts';
import { multiply } from '../../graph/operations/elements/multiply.ts';
import { relu } from '../../graph/operations/activations/relu.ts';
import { reshape } from '../../graph/operations/places/reshape.ts';
import { rotary, type RotaryAngles } from '../../graph/operations/attention/rotary.ts';
import { split } from '../../graph/operations/places/split.ts';
import { transpose } from '../../graph/operations/places/transpose.ts';
import { encoderParameters, type EncoderProjection } from '../parameters/encoderParameters.ts';
import { trainedLinear, type TrainedWeight } from '../trainedLinear.ts';

/** Where a layer's graph gets the values that are not its own hidden state. */
export interface EncoderSurroundings {
  /** Undefined where positions are part of the embedding. */
  readonly angles: RotaryAngles | undefined;
  /** Added to attention scores: 0 where a position may be attended to, a large negative number elsewhere. */
  readonly mask: Value;
  /** The value of a parameter of this layer. */
  parameter(name: string, shape: readonly number[]): Value;
  /** What is trained beside a projection's weight; undefined where nothing is. */
  trained(projection: string): TrainedWeight | undefined;
}

/** A layer's output, and the inner values that the backward pass may be spared from recomputing. */
export interface EncoderLayer {
  /** [batch, sequence, hidden] */
  readonly output: Value;
  /** Query, key and value, attention output, residual after attention; then the MLP before its activation. */
  readonly savable: Readonly<Record<'attention' | 'mlp', Readonly<Record<string, Value>>>>;
}

/**
 * Builds layer `layer`; only ModernBERT's first differs from the others.
 *
 * @param hidden [batch, sequence, hidden]
 */
export function encoderLayer(
  graph: Graph,
  config: EncoderConfig,
  layer: number,
  hidden: Value,
  around: EncoderSurroundings,
): EncoderLayer {
  const { projections, norms } = encoderParameters(config, layer);
  const has = (name: string): boolean => norms.some((parameter) => parameter.name === name);
  const norm = (input: Value, name: string): Value => {
    if (!has(name)) return input;
    const size = [config.hiddenSize];
    const bias = config.normBias ? around.parameter(`${name}.bias`, size) : undefined;
    return layerNorm(graph, input, around.parameter(name, size), bias, config.normEpsilon);
  };
  const project = (input: Value, name: EncoderProjection): Value => {
    const { shape, bias } = projections[name];
    const output = trainedLinear(graph, input, around.parameter(name, shape), around.trained(name));
    return bias === undefined ? output : add(graph, output, around.parameter(bias.name, bias.shape));
  };
  const isNormedBefore = config.modelType === 'modernbert';
  const attended = isNormedBefore ? norm(hidden, 'attentionNorm') : hidden;
  const heads = attentionHeads(graph, config, project(attended, 'queryKeyValue'), around);
  const mixed = attention(graph, heads.query, heads.key, heads.value, around.mask, 1 / Math.sqrt(config.headSize));
  const attentionSum = add(graph, hidden, project(joinHeads(graph, config, mixed), 'attentionOutput'));
  const residual = isNormedBefore ? attentionSum : norm(attentionSum, 'attentionNorm');
  const up = project(isNormedBefore ? norm(residual, 'mlpNorm') : residual, 'up');
  const active = isNormedBefore ? gated(graph, config, up) : activation(graph, config.activation, up);
  const mlpSum = add(graph, residual, project(active, 'down'));
  return {
    output: isNormedBefore ? mlpSum : norm(mlpSum, 'mlpNorm'),
    savable: { attention: { ...heads, mixed, residual }, mlp: { up } },
  };
}

/** The activation of that name. */
export function activation(graph: Graph, name: Activation, input: Value): Value {
  return name === 'gelu' ? gelu(graph, input) : relu(graph, input);
}

/** The first half activated, times the second (Shazeer 2020, equation 6). */
function gated(graph: Graph, config: EncoderConfig, up: Value): Value {
  const { intermediateSize } = config;
  const parts = split(graph, up, up.shape.length - 1, [intermediateSize, intermediateSize]);
  const [input, gate] = parts as [Value, Value];
  return multiply(graph, activation(graph, config.activation, input), gate);
}

/** Query, key and value heads, [batch, heads, sequence, headSize], the first two rotated where the architecture does. */
function attentionHeads(
  graph: Graph,
  { headCount, headSize }: EncoderConfig,
  stacked: Value,
  { angles }: EncoderSurroundings,
): Readonly<Record<'query' | 'key' | 'value', Value>> {
  const [batch = 1, sequence = 1] = stacked.shape;
  const heads = reshape(graph, stacked, [batch, sequence, 3 * headCount, headSize]);
  const parts = split(graph, transpose(graph, heads, [0, 2, 1, 3]), 1, [headCount, headCount, headCount]);
  const [query, key, value] = parts as [Value, Value, Value];
  const rotated = (head: Value): Value => (angles === undefined ? head : rotary(graph, head, angles));
  return { query: rotated(query), key: rotated(key), value };
}

/** [batch, heads, sequence, headSize] to [batch, sequence, hidden]. */
function joinHeads(graph: Graph, { hiddenSize }: EncoderConfig, heads: Value): Value {
  const [batch = 1, , sequence = 1] = heads.shape;
  return reshape(graph, transpose(graph, heads, [0, 2, 1, 3]), [batch, sequence, hiddenSize]);
}
