/** config.json of encoders: transformers' defaults, the classifier's labels, and every option that is not computed refused by name. */
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { JsonObject } from '../../engine/checkpoint/config/configFields.ts';
import type { EncoderConfig } from '../../engine/checkpoint/config/encoderConfig.ts';
import { expectedTensors, requireDecoder } from '../../engine/checkpoint/config/modelConfig.ts';
import { parseModelConfig } from '../../engine/checkpoint/config/modelConfigFile.ts';
import { parseStrictJson } from '../../engine/checkpoint/strictJson.ts';
import { linearModules } from '../../engine/selection/targetModules.ts';

const ENCODERS = join(import.meta.dirname, '..', 'golden', 'encoders');

const parse = (fields: object): ReturnType<typeof parseModelConfig> =>
  parseModelConfig(parseStrictJson(JSON.stringify(fields)) as JsonObject, 'config.json');

function configOf(fields: object): EncoderConfig {
  const { config } = parse(fields);
  if (config.family !== 'encoder') throw new Error('not an encoder');
  return config;
}

describe('defaults are those of transformers', () => {
  test.each([
    ['bert', { vocabularySize: 30_522, layerCount: 12, typeCount: 2, maxPositions: 512, normEpsilon: 1e-12 }],
    ['roberta', { vocabularySize: 50_265, layerCount: 12, typeCount: 2, maxPositions: 510, padTokenId: 1 }],
    ['distilbert', { vocabularySize: 30_522, layerCount: 6, typeCount: 0, maxPositions: 512 }],
    ['modernbert', { vocabularySize: 50_368, layerCount: 22, typeCount: 0, maxPositions: 8192, normBias: false }],
  ])('%s', (type, expected) => {
    expect(configOf({ model_type: type })).toMatchObject({
      ...{ family: 'encoder', hiddenSize: 768, headCount: 12, headSize: 64, activation: 'gelu' },
      classifier: { labels: ['LABEL_0', 'LABEL_1'], problem: 'classification', pooling: 'first' },
      ...expected,
    });
  });

  test('every third layer of ModernBERT sees everything, in both spellings', () => {
    const reaches = [null, 64, 64, null, 64];
    const old = { model_type: 'modernbert', num_hidden_layers: 5, global_rope_theta: 5000 };
    expect(configOf(old)).toMatchObject({ reaches, positions: { globalTheta: 5000, localTheta: 10_000 } });
    const types = reaches.map((reach) => (reach === null ? 'full_attention' : 'sliding_attention'));
    const rope = { full_attention: { rope_type: 'default', rope_theta: 7000 }, sliding_attention: null };
    const fresh = { model_type: 'modernbert', num_hidden_layers: 5, layer_types: types, rope_parameters: rope };
    expect(configOf(fresh)).toMatchObject({ reaches, positions: { globalTheta: 7000, localTheta: 10_000 } });
  });
});

test.each([
  ['hidden_act', 'gelu_new', {}],
  ['position_embedding_type', 'relative_key', {}],
  ['is_decoder', true, {}],
  ['add_cross_attention', true, {}],
  ['architectures', ['BertForTokenClassification'], {}],
  ['problem_type', 'multi_label_classification', {}],
  ['problem_type', 'regression', { num_labels: 3 }],
  ['quantization_config', { bits: 4 }, {}],
  ['activation', 'silu', { model_type: 'distilbert' }],
  ['classifier_pooling', 'max', { model_type: 'modernbert' }],
  ['hidden_activation', 'silu', { model_type: 'modernbert' }],
  ['rope_scaling', { rope_type: 'yarn' }, { model_type: 'modernbert' }],
  ['layer_types', ['full_attention', 'linear_attention'], { model_type: 'modernbert', num_hidden_layers: 2 }],
])('%s %j is refused by name', (field, value, others) => {
  const fields = { model_type: 'bert', ...others, [field]: value };
  expect(() => parse(fields)).toThrow(
    expect.objectContaining({
      code: 'checkpoint/unsupportedOption',
      place: expect.objectContaining({ field }) as object,
    }),
  );
});

test.each([
  ['id2label', { id2label: { 0: 'no', 2: 'yes' } }],
  ['num_labels', { id2label: { 0: 'no', 1: 'yes' }, num_labels: 3 }],
  ['label2id', { id2label: { 0: 'no', 1: 'yes' }, label2id: { no: 1, yes: 0 } }],
  ['hidden_size', { hidden_size: 100, num_attention_heads: 12 }],
  ['num_hidden_layers', { num_hidden_layers: 1e9 }],
])('a wrong %s is refused', (field, fields) => {
  expect(() => parse({ model_type: 'bert', ...fields })).toThrow(
    expect.objectContaining({ code: 'checkpoint/invalidConfig', place: expect.objectContaining({ field }) as object }),
  );
});

test('what has no effect is a warning', () => {
  expect(parse({ model_type: 'bert', hidden_dropout_prob: 0.1, window_dressing: 1 }).warnings).toEqual([
    'hidden_dropout_prob 0.1 is not applied in training',
    'window_dressing is not a field of bert and is ignored',
  ]);
});

describe('checkpoints of transformers', () => {
  test.each(['bert', 'roberta', 'distilbert', 'modernbert', 'modernbert-mean'])('%s', async (name) => {
    const checkpoint = await openCheckpoint(join(ENCODERS, name));
    await checkpoint.close();
    expect(checkpoint.config).toMatchObject({ naming: { hasClassifier: true, hasHead: true } });
    expect(checkpoint.warnings.filter((warning) => !warning.includes('dropout'))).toEqual([]);
    expect(
      expectedTensors(checkpoint.config)
        .map((tensor) => tensor.name)
        .toSorted(),
    ).toEqual([...checkpoint.tensors.keys()].toSorted());
  });

  test('one without a head, without a prefix, and with the norms of the oldest files', async () => {
    const checkpoint = await openCheckpoint(join(ENCODERS, 'bert-headless'));
    await checkpoint.close();
    expect(checkpoint.config).toMatchObject({
      naming: { prefix: '', norm: ['gamma', 'beta'], hasClassifier: false, hasHead: true },
    });
    expect(linearModules(checkpoint.config)[0]?.module).toBe('encoder.layer.0.attention.self.query');
  });

  test('a missing layer is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'encoder-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await cp(join(ENCODERS, 'bert'), folder, { recursive: true });
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as object;
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, num_hidden_layers: 3 }));
    await expect(openCheckpoint(folder)).rejects.toThrow(
      expect.objectContaining({
        code: 'checkpoint/missingTensor',
        place: expect.objectContaining({ tensor: 'bert.encoder.layer.2.attention.self.query.weight' }) as object,
      }),
    );
  });
});

test('an encoder where text is to be written is refused', () => {
  const json = parseStrictJson(readFileSync(join(ENCODERS, 'bert', 'config.json'), 'utf8')) as JsonObject;
  const { config } = parseModelConfig(json, 'config.json');
  expect(() => requireDecoder(config, 'folder', 'generation')).toThrow(
    expect.objectContaining({ code: 'checkpoint/notADecoder' }),
  );
});
