/**
 * Reads config.json into a {@link DecoderConfig} with the defaults of transformers' configuration classes. Options that
 * would change the mathematics and are not supported are errors; fields that nobody knows are returned as warnings.
 */
import { ExpectedError } from '../errors/expected.ts';
import { ConfigFields } from './configFields.ts';
import { MODEL_TYPES, type DecoderConfig, type ModelType } from './decoderConfig.ts';
import { readRope } from './ropeConfig.ts';

/** Fields that change nothing about a forward or backward pass without dropout. */
const HARMLESS = new Set([
  ...['_name_or_path', '_model_name_or_path', 'architectures', 'attention_dropout', 'auto_map', 'dtype', 'id2label'],
  ...['initializer_range', 'is_llama_config', 'label2id', 'max_window_layers', 'model_type', 'original_max_position_embeddings'],
  ...['pretraining_tp', 'rope_interleaved', 'torch_dtype', 'transformers_version', 'transformers.js_config', 'unk_token_id'],
  ...['use_cache', 'unsloth_fixed', 'unsloth_version', '_attn_implementation_autoset', 'layer_types', 'sliding_window'],
]);

/** Fields that are harmless at one value only. */
const SUPPORTED_VALUES: Readonly<Record<string, { readonly values: readonly unknown[]; readonly text: string }>> = {
  hidden_act: { values: ['silu', 'swish'], text: '"silu"' },
  is_decoder: { values: [true, false], text: 'true or false' },
  is_encoder_decoder: { values: [false], text: 'false' },
  add_cross_attention: { values: [false], text: 'false' },
  rope_interleaved: { values: [false], text: 'false' },
  partial_rotary_factor: { values: [1], text: '1' },
};

export interface DecoderConfigReading {
  readonly config: DecoderConfig;
  /** In words: fields that are not known and were left alone. */
  readonly warnings: readonly string[];
}

/**
 * @param text the content of config.json
 * @param file its path, for errors
 * @throws ExpectedError `checkpoint/invalidConfig`, `checkpoint/unsupportedModel`, `checkpoint/unsupportedOption`
 */
export function readDecoderConfig(text: string, file: string): DecoderConfigReading {
  const fields = new ConfigFields(file, parse(text, file));
  const modelType = readModelType(fields);
  refuseUnsupported(fields);
  const headCount = fields.integer('num_attention_heads', 32);
  const hiddenSize = fields.integer('hidden_size', 4096);
  const layerCount = fields.integer('num_hidden_layers', 32);
  const maxPositions = fields.integer('max_position_embeddings', DEFAULT_POSITIONS[modelType]);
  const config: DecoderConfig = {
    modelType,
    vocabularySize: fields.integer('vocab_size'),
    hiddenSize,
    intermediateSize: fields.integer('intermediate_size'),
    layerCount,
    headCount,
    keyValueHeadCount: fields.integer('num_key_value_heads', modelType === 'mistral' ? 8 : headCount),
    headSize: fields.integer('head_dim', modelType === 'qwen3' ? 128 : hiddenSize / headCount),
    rmsNormEpsilon: fields.number('rms_norm_eps', 1e-6),
    ...readRope(fields, maxPositions),
    attentionBias: readAttentionBias(fields, modelType),
    mlpBias: modelType === 'llama' && fields.boolean('mlp_bias', false),
    hasQueryKeyNorm: modelType === 'qwen3',
    slidingWindows: readSlidingWindows(fields, modelType, layerCount),
    tiedEmbeddings: fields.boolean('tie_word_embeddings', false),
    maxPositions,
    bosTokenId: fields.tokenIds('bos_token_id')[0] ?? null,
    eosTokenIds: fields.tokenIds('eos_token_id'),
    padTokenId: fields.tokenIds('pad_token_id')[0] ?? null,
  };
  checkHeads(config, fields);
  const unknown = fields.unread().filter((name) => !HARMLESS.has(name));
  const warnings = unknown.map((name) => `${file}: the field ${name} is not known and was left alone`);
  return { config, warnings };
}

const DEFAULT_POSITIONS: Readonly<Record<ModelType, number>> = { llama: 2048, mistral: 131072, qwen2: 32768, qwen3: 32768 };

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const fix = 'Restore config.json from the original checkpoint.';
    throw new ExpectedError('checkpoint/invalidConfig', `expected JSON: ${(error as Error).message}`, fix, { file }, error);
  }
}

function readModelType(fields: ConfigFields): ModelType {
  const found = fields.string('model_type', '(none)');
  const modelType = MODEL_TYPES.find((type) => type === found);
  if (modelType !== undefined) return modelType;
  throw new ExpectedError(
    'checkpoint/unsupportedModel',
    `the model type ${found} is not supported; supported: ${MODEL_TYPES.join(', ')}`,
    'Choose a checkpoint of a supported architecture.',
    { file: fields.file, field: 'model_type' },
  );
}

function refuseUnsupported(fields: ConfigFields): void {
  for (const [name, { values, text }] of Object.entries(SUPPORTED_VALUES)) {
    const value = fields.raw(name);
    if (value !== undefined && !values.includes(value)) throw fields.unsupported(name, value, text);
  }
  const quantization = fields.raw('quantization_config');
  if (quantization !== undefined) {
    throw fields.unsupported('quantization_config', quantization, 'checkpoints in F32, F16 or BF16');
  }
}

function readAttentionBias(fields: ConfigFields, modelType: ModelType): DecoderConfig['attentionBias'] {
  if (modelType === 'qwen2') return { query: true, key: true, value: true, output: false };
  const isBiased = fields.boolean('attention_bias', false);
  if (modelType === 'mistral' && isBiased) throw fields.unsupported('attention_bias', true, 'false for mistral');
  return { query: isBiased, key: isBiased, value: isBiased, output: isBiased };
}

/** Mistral slides in every layer; Qwen only with `use_sliding_window`, in the layers that `layer_types` names. */
function readSlidingWindows(fields: ConfigFields, modelType: ModelType, layerCount: number): readonly (number | null)[] {
  const everywhere = (window: number | null): (number | null)[] => Array.from({ length: layerCount }, () => window);
  const hasWindow = fields.raw('sliding_window') !== undefined;
  if (modelType === 'mistral') return everywhere(hasWindow ? fields.integer('sliding_window') : null);
  if (modelType === 'llama') return everywhere(null);
  if (!fields.boolean('use_sliding_window', false) || !hasWindow) return everywhere(null);
  const window = fields.integer('sliding_window');
  const types = fields.raw('layer_types');
  const firstSliding = fields.integer('max_window_layers', 28);
  if (types === undefined) return everywhere(null).map((_, layer) => (layer >= firstSliding ? window : null));
  if (!Array.isArray(types) || types.length !== layerCount) throw fields.unsupported('layer_types', types, 'one type for each layer');
  return types.map((type) => {
    if (type !== 'full_attention' && type !== 'sliding_attention') {
      throw fields.unsupported('layer_types', type, '"full_attention" and "sliding_attention"');
    }
    return type === 'sliding_attention' ? window : null;
  });
}

function checkHeads({ headCount, keyValueHeadCount, headSize }: DecoderConfig, fields: ConfigFields): void {
  if (headCount % keyValueHeadCount !== 0) {
    throw fields.unsupported('num_key_value_heads', keyValueHeadCount, `divisors of num_attention_heads ${String(headCount)}`);
  }
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) throw fields.unsupported('head_dim', headSize, 'even numbers');
}
