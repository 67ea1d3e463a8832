/** What the engine knows of a decoder checkpoint's architecture: one shape for every supported model type, and its tensors. */
import type { ExpectedTensor } from './expectedTensor.ts';

/** Supported values of `model_type`. */
export const MODEL_TYPES = ['llama', 'mistral', 'qwen2', 'qwen3'] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

/** How rotary frequencies are stretched for contexts longer than those of pretraining. */
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

/** A decoder-only transformer with RMSNorm, rotary positions, grouped-query attention and a SwiGLU MLP. */
export interface DecoderConfig {
  readonly family: 'decoder';
  readonly modelType: ModelType;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layerCount: number;
  readonly headCount: number;
  /** Divides headCount. */
  readonly keyValueHeadCount: number;
  /** Even; headCount * headSize may differ from hiddenSize. */
  readonly headSize: number;
  readonly rmsNormEpsilon: number;
  /** Base of the geometric series of rotary wavelengths. */
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling;
  readonly attentionBias: Readonly<Record<'query' | 'key' | 'value' | 'output', boolean>>;
  readonly mlpBias: boolean;
  /** RMSNorm over each query and key head before rotation (Qwen 3). */
  readonly hasQueryKeyNorm: boolean;
  /** For each layer: how many positions one sees, its own included; null where all before it. */
  readonly slidingWindows: readonly (number | null)[];
  /** The head multiplies by the embedding matrix; there is no `lm_head.weight`. */
  readonly tiedEmbeddings: boolean;
  /** Longest sequence that the model was made for. */
  readonly maxPositions: number;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  /** The config's `dtype` or `torch_dtype`, such as `bfloat16`; the tensors themselves decide. */
  readonly torchDtype: string | null;
}

/** Every parameter of the architecture, from the embedding to the head. */
export function decoderTensors(config: DecoderConfig): readonly ExpectedTensor[] {
  const { vocabularySize, hiddenSize, layerCount, tiedEmbeddings } = config;
  const head = tiedEmbeddings ? [] : [{ name: 'lm_head.weight', shape: [vocabularySize, hiddenSize] }];
  return [
    { name: 'model.embed_tokens.weight', shape: [vocabularySize, hiddenSize] },
    ...Array.from({ length: layerCount }, (_, layer) => layerTensors(config, `model.layers.${String(layer)}`)).flat(),
    { name: 'model.norm.weight', shape: [hiddenSize] },
    ...head,
  ];
}

function layerTensors(config: DecoderConfig, prefix: string): readonly ExpectedTensor[] {
  const { hiddenSize, intermediateSize, headSize, attentionBias, mlpBias } = config;
  const queryRows = config.headCount * headSize;
  const keyValueRows = config.keyValueHeadCount * headSize;
  const linear = (module: string, rows: number, columns: number, hasBias: boolean): ExpectedTensor[] => [
    { name: `${prefix}.${module}.weight`, shape: [rows, columns] },
    ...(hasBias ? [{ name: `${prefix}.${module}.bias`, shape: [rows] }] : []),
  ];
  const norm = (module: string, size: number): ExpectedTensor => ({
    name: `${prefix}.${module}.weight`,
    shape: [size],
  });
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
