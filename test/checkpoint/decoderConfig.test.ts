/** config.json: transformers' defaults, both of its spellings, and every option that is not computed refused by name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DecoderConfig } from '../../engine/checkpoint/config/decoderConfig.ts';
import { expectedTensors, requireDecoder } from '../../engine/checkpoint/config/modelConfig.ts';
import { parseModelConfig } from '../../engine/checkpoint/config/modelConfigFile.ts';
import { parseStrictJson } from '../../engine/checkpoint/strictJson.ts';
import type { JsonObject } from '../../engine/checkpoint/config/configFields.ts';
import { ARCHITECTURES } from '../adapter/sampleAdapter.ts';

const SMALL = {
  model_type: 'llama',
  vocab_size: 64,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 4,
};

const parse = (fields: object): ReturnType<typeof parseModelConfig> =>
  parseModelConfig(parseStrictJson(JSON.stringify({ ...SMALL, ...fields })) as JsonObject, 'config.json');
const configOf = (fields: object): DecoderConfig => requireDecoder(parse(fields).config, 'config.json', 'this test');

describe('defaults are those of transformers', () => {
  test.each([
    ['llama', { keyValueHeadCount: 32, vocabularySize: 32_000, intermediateSize: 11_008, maxPositions: 2048 }],
    ['mistral', { keyValueHeadCount: 8, vocabularySize: 32_000, intermediateSize: 14_336, maxPositions: 131_072 }],
    ['qwen2', { keyValueHeadCount: 32, vocabularySize: 151_936, intermediateSize: 22_016, maxPositions: 32_768 }],
    ['qwen3', { keyValueHeadCount: 32, vocabularySize: 151_936, headSize: 128, hasQueryKeyNorm: true }],
  ])('%s', (type, expected) => {
    const json = parseStrictJson(JSON.stringify({ model_type: type })) as JsonObject;
    const shared = { hiddenSize: 4096, layerCount: 32, headCount: 32, rmsNormEpsilon: 1e-6, ropeTheta: 10_000 };
    expect(parseModelConfig(json, 'config.json').config).toMatchObject({
      ...{ modelType: type, ropeScaling: { kind: 'none' }, tiedEmbeddings: false, mlpBias: false },
      ...shared,
      ...expected,
    });
  });

  test('null key-value heads are as many as heads; no field at all may differ', () => {
    expect(configOf({ num_key_value_heads: null }).keyValueHeadCount).toBe(4);
    expect(configOf({ model_type: 'mistral', num_key_value_heads: null }).keyValueHeadCount).toBe(4);
    expect(configOf({ num_key_value_heads: 2 }).keyValueHeadCount).toBe(2);
  });

  test('biases where each type has them', () => {
    const all = { query: true, key: true, value: true, output: true };
    const none = { query: false, key: false, value: false, output: false };
    expect(configOf({}).attentionBias).toEqual(none);
    expect(configOf({ attention_bias: true, mlp_bias: true })).toMatchObject({ attentionBias: all, mlpBias: true });
    expect(configOf({ model_type: 'qwen2' }).attentionBias).toEqual({ ...all, output: false });
    expect(configOf({ model_type: 'qwen3', head_dim: 8, attention_bias: true }).attentionBias).toEqual(all);
  });

  test('sliding windows as each type decides them', () => {
    const qwen = { model_type: 'qwen2', sliding_window: 16, use_sliding_window: true };
    expect(configOf({ sliding_window: null }).slidingWindows).toEqual([null, null, null]);
    expect(configOf({ model_type: 'mistral' }).slidingWindows).toEqual([4096, 4096, 4096]);
    expect(configOf({ ...qwen, max_window_layers: 1 }).slidingWindows).toEqual([null, 16, 16]);
    expect(configOf({ ...qwen, use_sliding_window: false, max_window_layers: 1 }).slidingWindows).toEqual([
      null,
      null,
      null,
    ]);
    const types = ['sliding_attention', 'full_attention', 'sliding_attention'];
    expect(configOf({ ...qwen, layer_types: types }).slidingWindows).toEqual([16, null, 16]);
  });

  test('rotary scaling in both spellings', () => {
    const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };
    const expected = {
      ropeTheta: 500_000,
      ropeScaling: {
        kind: 'llama3',
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalMaxPositions: 8192,
      },
    };
    const old = { rope_theta: 500_000, rope_scaling: { rope_type: 'llama3', ...llama3 } };
    const current = { rope_parameters: { rope_type: 'llama3', rope_theta: 500_000, ...llama3 } };
    for (const fields of [old, current]) expect(configOf(fields)).toMatchObject(expected);
    expect(configOf({ rope_scaling: { type: 'linear', factor: 2 } }).ropeScaling).toEqual({
      kind: 'linear',
      factor: 2,
    });
  });
});

describe('refused, with what is supported', () => {
  test.each([
    ['phi3', /model_type "phi3" is not supported.*llama, mistral, qwen2, qwen3/],
    ['LLAMA', /model_type "LLAMA" is not supported/],
    [null, /model_type null is not supported/],
  ])('model_type %s', (type, message) => {
    expect(() => parse({ model_type: type })).toThrow(message);
  });

  test.each([
    [{ hidden_act: 'gelu' }, 'hidden_act'],
    [{ architectures: ['LlamaForSequenceClassification'] }, 'architectures'],
    [{ quantization_config: { bits: 4 } }, 'quantization_config'],
    [{ rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'rope_scaling.rope_type'],
    [{ rope_scaling: { type: 'dynamic', factor: 4 } }, 'rope_scaling.rope_type'],
    [{ rope_parameters: { full_attention: {} } }, 'rope_parameters.full_attention'],
    [{ partial_rotary_factor: 0.5 }, 'partial_rotary_factor'],
    [{ no_rope_layers: [0] }, 'no_rope_layers'],
    [{ final_logit_softcapping: 30 }, 'final_logit_softcapping'],
    [{ num_local_experts: 8 }, 'num_local_experts'],
    [{ is_encoder_decoder: true }, 'is_encoder_decoder'],
    [{ vision_config: {} }, 'vision_config'],
    [{ layer_types: ['sliding_attention', 'full_attention', 'full_attention'] }, 'layer_types'],
    [{ model_type: 'mistral', layer_types: ['linear_attention', 'x', 'x'] }, 'layer_types'],
  ])('%j', (fields, field) => {
    const place = { file: 'config.json', field };
    expect(() => parse(fields)).toThrow(expect.objectContaining({ code: 'checkpoint/unsupportedOption', place }));
    expect(() => parse(fields)).toThrow(/is not supported; supported: /);
  });

  test.each([
    [{ hidden_size: '32' }, 'hidden_size', /expected a positive whole number, found "32"/],
    [{ num_hidden_layers: 0 }, 'num_hidden_layers', /found 0/],
    [{ num_hidden_layers: 1e9 }, 'num_hidden_layers', /expected at most 10000, found 1000000000/],
    [{ vocab_size: 1.5 }, 'vocab_size', /found 1\.5/],
    [{ rms_norm_eps: -1 }, 'rms_norm_eps', /expected a positive number, found -1/],
    [{ num_key_value_heads: 3 }, 'num_key_value_heads', /a divisor of num_attention_heads \(4\), found 3/],
    [{ head_dim: 7 }, 'head_dim', /an even head size, found 7/],
    [{ hidden_size: 33 }, 'hidden_size', /a multiple of num_attention_heads \(4\)/],
    [{ tie_word_embeddings: 'yes' }, 'tie_word_embeddings', /true or false, found "yes"/],
    [{ eos_token_id: 'x' }, 'eos_token_id', /a token id/],
    [{ rope_scaling: 3 }, 'rope_scaling', /an object or null, found 3/],
    [{ rope_scaling: { rope_type: 'linear' } }, 'rope_scaling.factor', /found nothing/],
    [{ layer_types: ['full_attention'] }, 'layer_types', /a list of 3 layer types/],
  ])('%j is a fault of the field', (fields, field, message) => {
    expect(() => parse(fields)).toThrow(
      expect.objectContaining({ code: 'checkpoint/invalidConfig', place: { file: 'config.json', field } }),
    );
    expect(() => parse(fields)).toThrow(message);
  });
});

describe('nothing is silently ignored', () => {
  test('unknown keys, dropout and foreign token ids become warnings', () => {
    const { warnings } = parse({ window_dressing: 1, attention_dropout: 0.1, pad_token_id: -1, use_cache: true });
    expect(warnings).toEqual([
      expect.stringContaining('pad_token_id -1 is outside the vocabulary'),
      expect.stringContaining('attention_dropout 0.1 is not applied in training'),
      expect.stringContaining('window_dressing is not a field of llama'),
    ]);
  });

  test('the golden configurations and the sample have no warnings', () => {
    const sample = join(import.meta.dirname, '..', '..', 'media', 'sample', 'checkpoint', 'config.json');
    const golden = ['llama', 'mistral', 'qwen2', 'qwen3'].map((name) => join(ARCHITECTURES, name, 'config.json'));
    for (const file of [sample, ...golden]) {
      const json = parseStrictJson(readFileSync(file, 'utf8')) as JsonObject;
      expect(parseModelConfig(json, file).warnings).toEqual([]);
    }
  });
});

test('the tensors of an architecture', () => {
  const names = (fields: object): string[] => expectedTensors(configOf(fields)).map(({ name }) => name);
  expect(names({ tie_word_embeddings: true })).not.toContain('lm_head.weight');
  expect(names({})).toContain('lm_head.weight');
  expect(names({ mlp_bias: true })).toContain('model.layers.2.mlp.down_proj.bias');
  expect(names({ model_type: 'qwen3', head_dim: 8 })).toContain('model.layers.0.self_attn.q_norm.weight');
  const grouped = expectedTensors(configOf({ num_key_value_heads: 2, head_dim: 16 }));
  const shapeOf = (name: string) => grouped.find((tensor) => tensor.name === `model.layers.0.${name}.weight`)?.shape;
  expect(shapeOf('self_attn.q_proj')).toEqual([64, 32]);
  expect(shapeOf('self_attn.k_proj')).toEqual([32, 32]);
  expect(shapeOf('self_attn.o_proj')).toEqual([32, 64]);
});
