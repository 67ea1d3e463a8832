/** The shape of a decoder, with every option that changes its mathematics: what the graphs are built from. */

/** Architectures that are supported, by their `model_type`. */
export const MODEL_TYPES = ['llama', 'mistral', 'qwen2', 'qwen3'] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

/** How rotary frequencies are stretched for contexts longer than those of pre-training. */
export type RopeScaling =
  | { readonly kind: 'none' }
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalMaxPositions: number;
    };

export interface DecoderConfig {
  readonly modelType: ModelType;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layerCount: number;
  readonly headCount: number;
  readonly keyValueHeadCount: number;
  readonly headSize: number;
  readonly rmsNormEpsilon: number;
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling;
  readonly attentionBias: Readonly<Record<'query' | 'key' | 'value' | 'output', boolean>>;
  readonly mlpBias: boolean;
  /** RMS norms on each query and key head (Qwen 3). */
  readonly hasQueryKeyNorm: boolean;
  /** Positions that each layer attends to, its own included; null where all earlier ones. */
  readonly slidingWindows: readonly (number | null)[];
  readonly tiedEmbeddings: boolean;
  readonly maxPositions: number;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
}

/** A parameter that a checkpoint must have. */
export interface ExpectedTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Every parameter of a decoder. */
export function expectedTensors(config: DecoderConfig): readonly ExpectedTensor[] {
  const { vocabularySize, hiddenSize } = config;
  const layers = Array.from({ length: config.layerCount }, (_, layer) => layerTensors(config, `model.layers.${String(layer)}`));
  return [
    { name: 'model.embed_tokens.weight', shape: [vocabularySize, hiddenSize] },
    ...layers.flat(),
    { name: 'model.norm.weight', shape: [hiddenSize] },
    ...(config.tiedEmbeddings ? [] : [{ name: 'lm_head.weight', shape: [vocabularySize, hiddenSize] }]),
  ];
}

function layerTensors(config: DecoderConfig, prefix: string): readonly ExpectedTensor[] {
  const { hiddenSize, intermediateSize, headSize, attentionBias, mlpBias } = config;
  const queryRows = config.headCount * headSize;
  const keyValueRows = config.keyValueHeadCount * headSize;
  const linear = (name: string, rows: number, columns: number, hasBias: boolean): ExpectedTensor[] => [
    { name: `${prefix}.${name}.weight`, shape: [rows, columns] },
    ...(hasBias ? [{ name: `${prefix}.${name}.bias`, shape: [rows] }] : []),
  ];
  const norm = (name: string, size: number): ExpectedTensor => ({ name: `${prefix}.${name}.weight`, shape: [size] });
  return [
    norm('input_layernorm', hiddenSize),
    ...linear('self_attn.q_proj', queryRows, hiddenSize, attentionBias.query),
    ...linear('self_attn.k_proj', keyValueRows, hiddenSize, attentionBias.key),
    ...linear('self_attn.v_proj', keyValueRows, hiddenSize, attentionBias.value),
    ...linear('self_attn.o_proj', hiddenSize, queryRows, attentionBias.output),
    ...(config.hasQueryKeyNorm ? [norm('self_attn.q_norm', headSize), norm('self_attn.k_norm', headSize)] : []),
    norm('post_attention_layernorm', hiddenSize),
    ...linear('mlp.gate_proj', intermediateSize, hiddenSize, mlpBias),
    ...linear('mlp.up_proj', intermediateSize, hiddenSize, mlpBias),
    ...linear('mlp.down_proj', hiddenSize, intermediateSize, mlpBias),
  ];
}
