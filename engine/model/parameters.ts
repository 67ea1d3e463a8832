/**
 * The parameters of a decoder layer as its graph reads them, and where each comes from in the checkpoint. The query, key
 * and value projections share one matrix (their rows stacked), so that one product computes all three.
 */
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';

/** Rows of a parameter that one checkpoint tensor fills. */
export interface ParameterSource {
  /** Name of the tensor in the checkpoint. */
  readonly tensor: string;
  readonly firstRow: number;
  readonly rows: number;
}

/** One array that a layer's graph reads. */
export interface LayerParameter {
  /** Name of the graph input, without the layer's prefix. */
  readonly name: string;
  /** [rows, columns], or [features] for norms and biases. */
  readonly shape: readonly number[];
  readonly sources: readonly ParameterSource[];
}

/** A linear layer that can carry deltas: a matrix parameter and the checkpoint's modules inside it. */
export interface Projection extends LayerParameter {
  readonly shape: readonly [number, number];
  /** Name of the bias parameter, where there is one. */
  readonly bias: LayerParameter | undefined;
}

export interface LayerParameters {
  readonly projections: Readonly<Record<ProjectionName, Projection>>;
  /** Norm weights by name; the query and key norms only where the architecture has them. */
  readonly norms: readonly LayerParameter[];
}

/** Tensors of the checkpoint that belong to no layer. */
export const EMBEDDING = 'model.embed_tokens.weight';
export const OUTPUT_EMBEDDING = 'lm_head.weight';
export const FINAL_NORM = 'model.norm.weight';

export const PROJECTION_NAMES = ['queryKeyValue', 'attentionOutput', 'gate', 'up', 'down'] as const;
export type ProjectionName = (typeof PROJECTION_NAMES)[number];

/** The parameters of layer `layer`. */
export function layerParameters(config: DecoderConfig, layer: number): LayerParameters {
  const prefix = `model.layers.${String(layer)}`;
  const { hiddenSize, intermediateSize, headSize, attentionBias, mlpBias } = config;
  const queryRows = config.headCount * headSize;
  const keyValueRows = config.keyValueHeadCount * headSize;
  const projection = (name: ProjectionName, columns: number, modules: readonly ModuleRows[]): Projection => ({
    ...stacked(name, modules, '.weight', columns),
    shape: [modules.reduce((total, module) => total + module.rows, 0), columns],
    bias: modules.some((module) => module.hasBias) ? stackedBias(name, modules) : undefined,
  });
  const attention = (name: string, rows: number, hasBias: boolean): ModuleRows => ({
    module: `${prefix}.self_attn.${name}`,
    rows,
    hasBias,
  });
  const mlp = (name: string, rows: number): ModuleRows => ({ module: `${prefix}.mlp.${name}`, rows, hasBias: mlpBias });
  const norm = (name: string, tensor: string, size: number): LayerParameter => ({
    name,
    shape: [size],
    sources: [{ tensor: `${prefix}.${tensor}.weight`, firstRow: 0, rows: size }],
  });
  return {
    projections: {
      queryKeyValue: projection('queryKeyValue', hiddenSize, [
        attention('q_proj', queryRows, attentionBias.query),
        attention('k_proj', keyValueRows, attentionBias.key),
        attention('v_proj', keyValueRows, attentionBias.value),
      ]),
      attentionOutput: projection('attentionOutput', queryRows, [
        attention('o_proj', hiddenSize, attentionBias.output),
      ]),
      gate: projection('gate', hiddenSize, [mlp('gate_proj', intermediateSize)]),
      up: projection('up', hiddenSize, [mlp('up_proj', intermediateSize)]),
      down: projection('down', intermediateSize, [mlp('down_proj', hiddenSize)]),
    },
    norms: [
      norm('attentionNorm', 'input_layernorm', hiddenSize),
      norm('mlpNorm', 'post_attention_layernorm', hiddenSize),
      ...(config.hasQueryKeyNorm
        ? [norm('queryNorm', 'self_attn.q_norm', headSize), norm('keyNorm', 'self_attn.k_norm', headSize)]
        : []),
    ],
  };
}

/** Every parameter of a layer: projections, their biases, norms. */
export function allParameters(config: DecoderConfig, layer: number): readonly LayerParameter[] {
  const { projections, norms } = layerParameters(config, layer);
  const linear = PROJECTION_NAMES.flatMap((name) => {
    const projection = projections[name];
    return projection.bias === undefined ? [projection] : [projection, projection.bias];
  });
  return [...linear, ...norms];
}

interface ModuleRows {
  readonly module: string;
  readonly rows: number;
  readonly hasBias: boolean;
}

function stacked(name: string, modules: readonly ModuleRows[], suffix: string, columns?: number): LayerParameter {
  let firstRow = 0;
  const sources = modules.map(({ module, rows }) => {
    const source = { tensor: module + suffix, firstRow, rows };
    firstRow += rows;
    return source;
  });
  return { name, shape: columns === undefined ? [firstRow] : [firstRow, columns], sources };
}

/** Rows of modules without a bias stay zero. */
function stackedBias(name: ProjectionName, modules: readonly ModuleRows[]): LayerParameter {
  const whole = stacked(`${name}.bias`, modules, '.bias');
  return { ...whole, sources: whole.sources.filter((_, index) => modules[index]?.hasBias === true) };
}
