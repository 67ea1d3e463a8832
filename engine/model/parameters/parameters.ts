/**
 * The parameters of a decoder layer as its graph reads them, and where each comes from in the checkpoint. The query, key
 * and value projections share one matrix (their rows stacked), so that one product computes all three.
 */
import type { DecoderConfig } from '../../checkpoint/config/decoderConfig.ts';
import { projectionOf, wholeTensor, type LayerParameter, type ModuleRows, type Projection } from './stackedModules.ts';

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
  const attention = (name: string, rows: number, hasBias: boolean): ModuleRows => ({
    module: `${prefix}.self_attn.${name}`,
    rows,
    hasBias,
  });
  const mlp = (name: string, rows: number): ModuleRows => ({ module: `${prefix}.mlp.${name}`, rows, hasBias: mlpBias });
  const norm = (name: string, tensor: string, size: number): LayerParameter =>
    wholeTensor(name, `${prefix}.${tensor}.weight`, size);
  return {
    projections: {
      queryKeyValue: projectionOf('queryKeyValue', hiddenSize, [
        attention('q_proj', queryRows, attentionBias.query),
        attention('k_proj', keyValueRows, attentionBias.key),
        attention('v_proj', keyValueRows, attentionBias.value),
      ]),
      attentionOutput: projectionOf('attentionOutput', queryRows, [
        attention('o_proj', hiddenSize, attentionBias.output),
      ]),
      gate: projectionOf('gate', hiddenSize, [mlp('gate_proj', intermediateSize)]),
      up: projectionOf('up', hiddenSize, [mlp('up_proj', intermediateSize)]),
      down: projectionOf('down', intermediateSize, [mlp('down_proj', hiddenSize)]),
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
