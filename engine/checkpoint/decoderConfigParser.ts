/**
 * From config.json to a DecoderConfig, with transformers' defaults for each model type. An option that the engine
 * cannot compute is an error; a key that nobody knows becomes a warning.
 */
import { isDeepStrictEqual } from 'node:util';
import { ExpectedError } from '../errors/expected.ts';
import {
  configFields,
  invalidConfig,
  isAbsent,
  unsupportedOption,
  type ConfigFields,
  type JsonObject,
} from './configFields.ts';
import { HARMLESS_KEYS, SWITCHED_OFF_KEYS } from './configKeys.ts';
import { MODEL_TYPES, type DecoderConfig, type ModelType } from './decoderConfig.ts';
import { parseRopeConfig } from './ropeConfigParser.ts';
import { parseSlidingWindows } from './slidingWindows.ts';

/** A configuration and what the user should know about fields that had no effect. */
export interface ParsedConfig {
  readonly config: DecoderConfig;
  readonly warnings: readonly string[];
}

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

/** More layers than any decoder has; keeps a hostile number from driving allocations. */
const LAYER_LIMIT = 10_000;

/**
 * @param file path for messages
 * @throws ExpectedError `checkpoint/unsupportedModel`, `checkpoint/unsupportedOption`, `checkpoint/invalidConfig`
 */
export function parseDecoderConfig(json: JsonObject, file: string): ParsedConfig {
  const fields = configFields(json, file);
  const warnings: string[] = [];
  const modelType = parseModelType(fields);
  checkArchitectures(fields);
  checkSwitchedOff(json, fields);
  const config = parseArchitecture(fields, modelType, warnings);
  warnAboutDropout(fields, warnings);
  for (const key of fields.unreadKeys()) {
    if (!HARMLESS_KEYS.has(key) && !isAbsent(fields.raw(key)))
      warnings.push(`${key} is not a field of ${modelType} and is ignored`);
  }
  return { config, warnings };
}

function parseArchitecture(fields: ConfigFields, modelType: ModelType, warnings: string[]): DecoderConfig {
  const defaults = DEFAULTS[modelType];
  const layerCount = fields.positiveInteger('num_hidden_layers', DEFAULT_LAYER_COUNT);
  if (layerCount > LAYER_LIMIT) {
    throw invalidConfig(fields.file, 'num_hidden_layers', `at most ${String(LAYER_LIMIT)}`, layerCount);
  }
  const vocabularySize = fields.positiveInteger('vocab_size', defaults.vocabularySize);
  const maxPositions = fields.positiveInteger('max_position_embeddings', defaults.maxPositions);
  checkActivation(fields);
  const torchDtype = fields.optionalText('torch_dtype');
  return {
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

function parseModelType(fields: ConfigFields): ModelType {
  const found = fields.raw('model_type');
  const modelType = MODEL_TYPES.find((type) => type === found);
  if (modelType !== undefined) return modelType;
  const problem = `model_type ${JSON.stringify(found ?? null)} is not supported`;
  const fix = `Choose a checkpoint of one of these model types: ${MODEL_TYPES.join(', ')}.`;
  throw new ExpectedError('checkpoint/unsupportedModel', problem, fix, { file: fields.file, field: 'model_type' });
}

function checkArchitectures(fields: ConfigFields): void {
  const found = fields.raw('architectures');
  if (isAbsent(found)) return;
  const isCausal =
    Array.isArray(found) && found.every((name) => typeof name === 'string' && name.endsWith('ForCausalLM'));
  if (!isCausal) throw unsupportedOption(fields.file, 'architectures', found, 'causal language models (…ForCausalLM)');
}

function checkSwitchedOff(json: JsonObject, fields: ConfigFields): void {
  for (const [key, offValues] of SWITCHED_OFF_KEYS) {
    if (!json.has(key)) continue;
    const value = fields.raw(key);
    if (isAbsent(value) || offValues.some((off) => isDeepStrictEqual(off, value))) continue;
    const supported = ['no value', ...offValues.map((off) => JSON.stringify(off))].join(' or ');
    throw unsupportedOption(fields.file, key, value, supported);
  }
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

type TokenIds = Pick<DecoderConfig, 'bosTokenId' | 'eosTokenIds' | 'padTokenId'>;

function parseTokenIds(fields: ConfigFields, defaults: Defaults, vocabularySize: number, warnings: string[]): TokenIds {
  const ids = (key: string, absent: readonly number[]): readonly number[] => {
    const value = fields.raw(key);
    if (value === undefined) return absent;
    const list = value === null ? [] : Array.isArray(value) ? (value as readonly unknown[]) : [value];
    return list.filter((id): id is number => {
      if (!Number.isSafeInteger(id)) throw invalidConfig(fields.file, key, 'a token id', value);
      const isInside = (id as number) >= 0 && (id as number) < vocabularySize;
      if (!isInside) warnings.push(`${key} ${String(id)} is outside the vocabulary and is ignored`);
      return isInside;
    });
  };
  return {
    bosTokenId: ids('bos_token_id', defaults.bosTokenId === null ? [] : [defaults.bosTokenId])[0] ?? null,
    eosTokenIds: ids('eos_token_id', defaults.eosTokenIds),
    padTokenId: ids('pad_token_id', [])[0] ?? null,
  };
}

function warnAboutDropout(fields: ConfigFields, warnings: string[]): void {
  for (const key of ['attention_dropout', 'hidden_dropout', 'resid_pdrop', 'embd_pdrop']) {
    const value = fields.raw(key);
    if (!isAbsent(value) && value !== 0) warnings.push(`${key} ${JSON.stringify(value)} is not applied in training`);
  }
}
