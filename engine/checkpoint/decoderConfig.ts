/** What the engine knows of a checkpoint's architecture: one shape for every supported model type. */

/** Supported values of `model_type`. */
export const MODEL_TYPES = ['llama', 'mistral', 'qwen2', 'qwen3'] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

/** Change of the rotary frequencies for contexts longer than pretraining's. */
export type RopeScaling =
  | { readonly type: 'linear'; readonly factor: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalMaxPositions: number;
    };

export interface RopeConfig {
  /** Base of the geometric series of wavelengths. */
  readonly theta: number;
  readonly scaling: RopeScaling | null;
}

/** A decoder-only transformer with RMSNorm, rotary positions, grouped-query attention and a SwiGLU MLP. */
export interface DecoderConfig {
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
  readonly rope: RopeConfig;
  readonly attentionBias: {
    readonly query: boolean;
    readonly key: boolean;
    readonly value: boolean;
    readonly output: boolean;
  };
  readonly mlpBias: boolean;
  /** RMSNorm over each query and key head before rotation. */
  readonly hasQueryKeyNorm: boolean;
  /** For each layer: a position sees itself and the `window - 1` positions before it; null sees all before it. */
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
