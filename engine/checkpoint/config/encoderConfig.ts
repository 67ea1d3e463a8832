/** What the engine knows of an encoder checkpoint's architecture: one shape for every supported model type. */

/** Supported values of `model_type`. */
export const ENCODER_TYPES = ['bert', 'roberta', 'distilbert', 'modernbert'] as const;
export type EncoderType = (typeof ENCODER_TYPES)[number];

export type Activation = 'gelu' | 'relu';

/** How tokens know their place: rows of a table, the first position in row `offset`; or rotations of queries and keys. */
export type EncoderPositions =
  | { readonly kind: 'learned'; readonly rows: number; readonly offset: number }
  | { readonly kind: 'rotary'; readonly globalTheta: number; readonly localTheta: number };

/** What config.json says of the classifier; whether there is one, the tensors tell. */
export interface ClassifierConfig {
  /** Names of the outputs, by number; those that nobody named are `LABEL_0`, `LABEL_1`, ... */
  readonly labels: readonly string[];
  readonly problem: 'classification' | 'regression';
  /** The first token's last hidden state, or the mean over all tokens. */
  readonly pooling: 'first' | 'mean';
  /** Of the layer before the classifier. */
  readonly activation: Activation | 'tanh';
  /** Whether the layer before the classifier has a bias. */
  readonly hasDenseBias: boolean;
}

/** What the names of a checkpoint's tensors tell, which config.json does not. */
export interface EncoderTensorNaming {
  /** Before the names of the encoder's own tensors: `bert.`, or nothing where the encoder was saved alone. */
  readonly prefix: string;
  /** The last part of the names of norms' tensors: `LayerNorm.gamma` in old files. */
  readonly norm: readonly [weight: string, bias: string];
  /** Whether the layers between the encoder and the classifier are there. */
  readonly hasHead: boolean;
  readonly hasClassifier: boolean;
}

/** A bidirectional transformer whose first token (or mean) a head turns into classes or a number. */
export interface EncoderConfig {
  readonly family: 'encoder';
  readonly modelType: EncoderType;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layerCount: number;
  /** Divides hiddenSize. */
  readonly headCount: number;
  readonly headSize: number;
  readonly normEpsilon: number;
  readonly activation: Activation;
  readonly positions: EncoderPositions;
  /** Kinds of tokens (first and second sentence); 0 where the architecture knows none. */
  readonly typeCount: number;
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
  readonly normBias: boolean;
  /** For each layer: how far a position sees to each side; null where it sees all. */
  readonly reaches: readonly (number | null)[];
  /** Longest sequence in tokens. */
  readonly maxPositions: number;
  readonly classifier: ClassifierConfig;
  readonly naming: EncoderTensorNaming;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  readonly torchDtype: string | null;
}

/** What the tensors' names are in a file that transformers saves from a classifier. */
export function usualNaming(modelType: EncoderType): EncoderTensorNaming {
  const prefix = modelType === 'modernbert' ? 'model.' : `${modelType}.`;
  return { prefix, norm: ['weight', 'bias'], hasHead: false, hasClassifier: false };
}
