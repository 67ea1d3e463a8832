/**
 * From config.json to a DecoderConfig, with transformers' defaults for each model type. An option that the engine
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
import { HARMLESS_KEYS, SWITCHED_OFF_KEYS } from './configKeys.ts';
import type { DecoderConfig, ModelType } from './decoderConfig.ts';
import {
  checkSwitchedOff,
  ignoredFields,
  parseLayerCount,
  parseTokenIds,
  unappliedDropouts,
  type ParsedConfig,
} from './modelConfigParts.ts';
import { parseRopeConfig } from './ropeConfigParser.ts';
import { parseSlidingWindows } from './slidingWindows.ts';

/** What transformers assumes where config.json is silent. */
interface Defaults {
  readonly vocabularySize: number;
  readonly intermediateSize: number;
  readonly keyValueHeadCount: number | null;
  readonly maxPositions: number;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
}

const LLAMA_IDS = { bosTokenId: 1, eosTokenIds: [2] } as const;
const QWEN: Defaults = {
  vocabularySize: 151_936,
  intermediateSize: 22_016,
  keyValueHeadCount: 32,
  maxPositions: 32_768,
  bosTokenId: null,
  eosTokenIds: [],
};
const DEFAULTS: Readonly<Record<ModelType, Defaults>> = {
  llama: {
    vocabularySize: 32_000,
    intermediateSize: 11_008,
    keyValueHeadCount: null,
    maxPositions: 2048,
    ...LLAMA_IDS,
  },
  mistral: {
    vocabularySize: 32_000,
    intermediateSize: 14_336,
    keyValueHeadCount: 8,
    maxPositions: 131_072,
    ...LLAMA_IDS,
  },
  qwen2: QWEN,
  qwen3: QWEN,
};
const DEFAULT_HIDDEN_SIZE = 4096;
const DEFAULT_LAYER_COUNT = 32;
const DEFAULT_HEAD_COUNT = 32;
const DEFAULT_EPSILON = 1e-6;
const QWEN3_HEAD_SIZE = 128;

/**
 * @param file path for messages
 * @throws ExpectedError `checkpoint/unsupportedOption`, `checkpoint/invalidConfig`
 */
export function parseDecoderConfig(modelType: ModelType, json: JsonObject, file: string): ParsedConfig<DecoderConfig> {
  const fields = configFields(json, file);
  const warnings: string[] = [];
  checkArchitectures(fields);
  checkSwitchedOff(fields, json, SWITCHED_OFF_KEYS);
  const config = parseArchitecture(fields, modelType, warnings);
  warnings.push(...unappliedDropouts(fields, ['attention_dropout', 'hidden_dropout', 'resid_pdrop', 'embd_pdrop']));
  warnings.push(...ignoredFields(fields, HARMLESS_KEYS, modelType));
  return { config, warnings };
}

function parseArchitecture(fields: ConfigFields, modelType: ModelType, warnings: string[]): DecoderConfig {
  const defaults = DEFAULTS[modelType];
  const layerCount = parseLayerCount(fields, 'num_hidden_layers', DEFAULT_LAYER_COUNT);
  const vocabularySize = fields.positiveInteger('vocab_size', defaults.vocabularySize);
  const maxPositions = fields.positiveInteger('max_position_embeddings', defaults.maxPositions);
  checkActivation(fields);
  const torchDtype = fields.optionalText('torch_dtype');
  return {
    family: 'decoder',
    modelType,
    vocabularySize,
    intermediateSize: fields.positiveInteger('intermediate_size', defaults.intermediateSize),
    layerCount,
    ...parseHeads(fields, modelType),
    rmsNormEpsilon: fields.positiveNumber('rms_norm_eps', DEFAULT_EPSILON),
    ...parseRopeConfig(fields, maxPositions, warnings),
    ...parseBiases(fields, modelType),
    hasQueryKeyNorm: modelType === 'qwen3',
    slidingWindows: parseSlidingWindows(fields, modelType, layerCount),
    tiedEmbeddings: fields.boolean('tie_word_embeddings', false),
    maxPositions,
    ...parseTokenIds(fields, defaults, vocabularySize, warnings),
    torchDtype: fields.optionalText('dtype') ?? torchDtype,
  };
}

function checkArchitectures(fields: ConfigFields): void {
  const found = fields.raw('architectures');
  if (isAbsent(found)) return;
  const isCausal =
    Array.isArray(found) && found.every((name) => typeof name === 'string' && name.endsWith('ForCausalLM'));
  if (!isCausal) throw unsupportedOption(fields.file, 'architectures', found, 'causal language models (…ForCausalLM)');
}

function checkActivation(fields: ConfigFields): void {
  const activation = fields.raw('hidden_act') ?? 'silu';
  if (activation !== 'silu' && activation !== 'swish') {
    throw unsupportedOption(fields.file, 'hidden_act', activation, 'silu');
  }
}

type Heads = Pick<DecoderConfig, 'hiddenSize' | 'headCount' | 'keyValueHeadCount' | 'headSize'>;

function parseHeads(fields: ConfigFields, modelType: ModelType): Heads {
  const hiddenSize = fields.positiveInteger('hidden_size', DEFAULT_HIDDEN_SIZE);
  const headCount = fields.positiveInteger('num_attention_heads', DEFAULT_HEAD_COUNT);
  const isKeyValueGiven = fields.raw('num_key_value_heads') !== undefined;
  const keyValueDefault = isKeyValueGiven ? null : DEFAULTS[modelType].keyValueHeadCount;
  const keyValueHeadCount = fields.optionalPositiveInteger('num_key_value_heads') ?? keyValueDefault ?? headCount;
  if (headCount % keyValueHeadCount !== 0) {
    const expected = `a divisor of num_attention_heads (${String(headCount)})`;
    throw invalidConfig(fields.file, 'num_key_value_heads', expected, keyValueHeadCount);
  }
  const derived = modelType === 'qwen3' ? QWEN3_HEAD_SIZE : hiddenSize / headCount;
  const headSize = fields.optionalPositiveInteger('head_dim') ?? derived;
  if (!Number.isInteger(headSize)) {
    const expected = `a multiple of num_attention_heads (${String(headCount)}), or head_dim`;
    throw invalidConfig(fields.file, 'hidden_size', expected, hiddenSize);
  }
  if (headSize % 2 !== 0) throw invalidConfig(fields.file, 'head_dim', 'an even head size', headSize);
  return { hiddenSize, headCount, keyValueHeadCount, headSize };
}

function parseBiases(fields: ConfigFields, modelType: ModelType): Pick<DecoderConfig, 'attentionBias' | 'mlpBias'> {
  const isConfigurable = modelType === 'llama' || modelType === 'qwen3';
  const all = isConfigurable && fields.boolean('attention_bias', false);
  const queryKeyValue = all || modelType === 'qwen2';
  return {
    attentionBias: { query: queryKeyValue, key: queryKeyValue, value: queryKeyValue, output: all },
    mlpBias: modelType === 'llama' && fields.boolean('mlp_bias', false),
  };
}
