/**
 * From config.json to an EncoderConfig, with transformers' defaults for each model type. An option that the engine
 * cannot compute is an error; a key that nobody knows becomes a warning.
 */
import {
  configFields,
  invalidConfig,
  isAbsent,
  unsupportedOption,
  type ConfigFields,
  type JsonObject,
} from './configFields.ts';
import { parseClassifier } from './classifierConfigParser.ts';
import { ENCODER_SWITCHED_OFF_KEYS, HARMLESS_ENCODER_KEYS, HARMLESS_KEYS } from './configKeys.ts';
import { usualNaming, type Activation, type EncoderConfig, type EncoderType } from './encoderConfig.ts';
import {
  checkSwitchedOff,
  ignoredFields,
  parseLayerCount,
  parseTokenIds,
  unappliedDropouts,
  type ParsedConfig,
} from './modelConfigParts.ts';
import { parseModernAttention } from './modernBertConfigParser.ts';

/** Names of the sizes in config.json. */
const SIZE_KEYS = {
  hidden: 'hidden_size',
  intermediate: 'intermediate_size',
  layers: 'num_hidden_layers',
  heads: 'num_attention_heads',
  activation: 'hidden_act',
  epsilon: 'layer_norm_eps',
} as const;

const KEYS: Readonly<Record<EncoderType, Readonly<Record<keyof typeof SIZE_KEYS, string>>>> = {
  bert: SIZE_KEYS,
  roberta: SIZE_KEYS,
  distilbert: {
    ...SIZE_KEYS,
    ...{ hidden: 'dim', intermediate: 'hidden_dim', layers: 'n_layers', heads: 'n_heads', activation: 'activation' },
  },
  modernbert: { ...SIZE_KEYS, activation: 'hidden_activation', epsilon: 'norm_eps' },
};

/** What transformers assumes where config.json is silent. */
const DEFAULTS = {
  bert: { vocabulary: 30_522, hidden: 768, intermediate: 3072, layers: 12, heads: 12, epsilon: 1e-12, positions: 512 },
  roberta: {
    vocabulary: 50_265,
    hidden: 768,
    intermediate: 3072,
    layers: 12,
    heads: 12,
    epsilon: 1e-12,
    positions: 512,
  },
  distilbert: {
    vocabulary: 30_522,
    hidden: 768,
    intermediate: 3072,
    layers: 6,
    heads: 12,
    epsilon: 1e-12,
    positions: 512,
  },
  modernbert: {
    vocabulary: 50_368,
    hidden: 768,
    intermediate: 1152,
    layers: 22,
    heads: 12,
    epsilon: 1e-5,
    positions: 8192,
  },
} as const;

const TOKEN_IDS = {
  bert: { bosTokenId: null, eosTokenIds: [], padTokenId: 0 },
  roberta: { bosTokenId: 0, eosTokenIds: [2], padTokenId: 1 },
  distilbert: { bosTokenId: null, eosTokenIds: [], padTokenId: 0 },
  modernbert: { bosTokenId: 50_281, eosTokenIds: [50_282], padTokenId: 50_283 },
} as const;

const DEFAULT_TYPE_COUNT = 2;

const DROPOUTS = [
  'hidden_dropout_prob',
  'attention_probs_dropout_prob',
  'classifier_dropout',
  'dropout',
  'attention_dropout',
  'seq_classif_dropout',
  'embedding_dropout',
  'mlp_dropout',
] as const;

/** Classes whose files hold an encoder and at most the heads that are known here. */
const KNOWN_ARCHITECTURE = /^[A-Za-z]+(Model|ForMaskedLM|ForPreTraining|ForSequenceClassification)$/;

/**
 * @param file path for messages
 * @throws ExpectedError `checkpoint/unsupportedOption`, `checkpoint/invalidConfig`
 */
export function parseEncoderConfig(
  modelType: EncoderType,
  json: JsonObject,
  file: string,
): ParsedConfig<EncoderConfig> {
  const fields = configFields(json, file);
  const warnings: string[] = [];
  checkArchitectures(fields);
  if (modelType !== 'modernbert') checkSwitchedOff(fields, json, ENCODER_SWITCHED_OFF_KEYS);
  const config = parseArchitecture(fields, modelType, warnings);
  warnings.push(...unappliedDropouts(fields, DROPOUTS));
  const harmless = new Set([...HARMLESS_KEYS, ...HARMLESS_ENCODER_KEYS[modelType]]);
  warnings.push(...ignoredFields(fields, harmless, modelType));
  return { config, warnings };
}

function parseArchitecture(fields: ConfigFields, modelType: EncoderType, warnings: string[]): EncoderConfig {
  const [keys, defaults] = [KEYS[modelType], DEFAULTS[modelType]];
  const isModern = modelType === 'modernbert';
  const vocabularySize = fields.positiveInteger('vocab_size', defaults.vocabulary);
  const layerCount = parseLayerCount(fields, keys.layers, defaults.layers);
  const torchDtype = fields.optionalText('torch_dtype');
  const tokenIds = parseTokenIds(fields, TOKEN_IDS[modelType], vocabularySize, warnings);
  const heads = parseHeads(fields, keys, defaults);
  return {
    family: 'encoder',
    modelType,
    vocabularySize,
    intermediateSize: fields.positiveInteger(keys.intermediate, defaults.intermediate),
    layerCount,
    ...heads,
    activation: parseActivation(fields, keys.activation),
    // DistilBERT's epsilon is written into its code.
    normEpsilon: modelType === 'distilbert' ? defaults.epsilon : fields.positiveNumber(keys.epsilon, defaults.epsilon),
    ...parsePositions(fields, modelType, layerCount, tokenIds.padTokenId),
    typeCount: parseTypeCount(fields, modelType),
    attentionBias: isModern ? fields.boolean('attention_bias', false) : true,
    mlpBias: isModern ? fields.boolean('mlp_bias', false) : true,
    normBias: isModern ? fields.boolean('norm_bias', false) : true,
    classifier: parseClassifier(fields, modelType),
    naming: usualNaming(modelType),
    ...tokenIds,
    torchDtype: fields.optionalText('dtype') ?? torchDtype,
  };
}

function checkArchitectures(fields: ConfigFields): void {
  const found = fields.raw('architectures');
  if (isAbsent(found)) return;
  const isKnown =
    Array.isArray(found) && found.every((name) => typeof name === 'string' && KNOWN_ARCHITECTURE.test(name));
  if (isKnown) return;
  const supported = 'encoders, alone or with a head for masked tokens or sequence classification';
  throw unsupportedOption(fields.file, 'architectures', found, supported);
}

type Keys = Readonly<Record<keyof typeof SIZE_KEYS, string>>;

function parseHeads(
  fields: ConfigFields,
  keys: Keys,
  defaults: (typeof DEFAULTS)[EncoderType],
): Pick<EncoderConfig, 'hiddenSize' | 'headCount' | 'headSize'> {
  const hiddenSize = fields.positiveInteger(keys.hidden, defaults.hidden);
  const headCount = fields.positiveInteger(keys.heads, defaults.heads);
  if (hiddenSize % headCount !== 0) {
    const expected = `a multiple of ${keys.heads} (${String(headCount)})`;
    throw invalidConfig(fields.file, keys.hidden, expected, hiddenSize);
  }
  return { hiddenSize, headCount, headSize: hiddenSize / headCount };
}

function parseActivation(fields: ConfigFields, key: string): Activation {
  const activation = fields.raw(key) ?? 'gelu';
  if (activation === 'gelu' || activation === 'relu') return activation;
  if (activation === 'gelu_python') return 'gelu';
  throw unsupportedOption(fields.file, key, activation, 'gelu (the exact one), relu');
}

function parsePositions(
  fields: ConfigFields,
  modelType: EncoderType,
  layerCount: number,
  padTokenId: number | null,
): Pick<EncoderConfig, 'positions' | 'reaches' | 'maxPositions'> {
  const rows = fields.positiveInteger('max_position_embeddings', DEFAULTS[modelType].positions);
  if (modelType === 'modernbert') return { ...parseModernAttention(fields, layerCount), maxPositions: rows };
  const reaches = new Array<null>(layerCount).fill(null);
  if (modelType !== 'roberta') return { positions: { kind: 'learned', rows, offset: 0 }, reaches, maxPositions: rows };
  if (padTokenId === null || padTokenId + 1 >= rows) {
    const expected = 'a token id below max_position_embeddings, behind which positions begin';
    throw invalidConfig(fields.file, 'pad_token_id', expected, padTokenId);
  }
  const offset = padTokenId + 1;
  return { positions: { kind: 'learned', rows, offset }, reaches, maxPositions: rows - offset };
}

function parseTypeCount(fields: ConfigFields, modelType: EncoderType): number {
  if (modelType === 'distilbert' || modelType === 'modernbert') return 0;
  return fields.positiveInteger('type_vocab_size', DEFAULT_TYPE_COUNT);
}
