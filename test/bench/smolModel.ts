/** A model of SmolLM2-135M's shape with random weights, a batch of 4 x 256 labelled tokens, and selections of k per neuron. */
import { collate, type MicroBatch } from '../../engine/data/batches/microBatch.ts';
import type { TokenizedExample } from '../../engine/data/tokenization.ts';
import type { DecoderConfig } from '../../engine/checkpoint/config/decoderConfig.ts';
import type { ExecutionOptions } from '../../engine/inference/graphSession.ts';
import type { Parameter } from '../../engine/model/weights/modelWeights.ts';
import { layerParameters, PROJECTION_NAMES } from '../../engine/model/parameters/parameters.ts';
import { residentWeights, type ResidentWeights } from '../../engine/model/weights/residentWeights.ts';
import { linearModules } from '../../engine/selection/targetModules.ts';
import { deltaLayout, type DeltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import { parseDecoderConfig } from '../../engine/checkpoint/config/decoderConfigParser.ts';
import { randomColumns, randomFloats } from '../graph/randomFloats.ts';

export const ROWS = 4;
export const LENGTH = 256;
export const BENCH_OPTIONS: ExecutionOptions = { device: 'cpu', threads: 2 };

const CONFIG = {
  model_type: 'llama',
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  vocab_size: 49152,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
};

function benchConfig(): DecoderConfig {
  return parseDecoderConfig('llama', new Map(Object.entries(CONFIG)), 'config.json').config;
}

export function benchWeights(): ResidentWeights {
  const config = benchConfig();
  const layers = Array.from({ length: config.layerCount }, (_, layer) => {
    const { projections, norms } = layerParameters(config, layer);
    const parameters = new Map<string, Parameter>();
    for (const name of PROJECTION_NAMES) {
      const { shape } = projections[name];
      parameters.set(name, { shape, data: randomFloats(shape[0] * shape[1], 0.05, `${name} ${String(layer)}`) });
    }
    for (const { name, shape } of norms) parameters.set(name, { shape, data: new Float32Array(shape[0] ?? 0).fill(1) });
    return parameters;
  });
  const embedding = randomFloats(config.vocabularySize * config.hiddenSize, 0.05, 'embedding');
  const finalNorm = new Float32Array(config.hiddenSize).fill(1);
  return residentWeights(config, { layers, embedding, outputEmbedding: embedding, finalNorm });
}

/** Rows of tokens that are all labels. */
export function benchExamples(
  rows = ROWS,
  length = LENGTH,
  vocabularySize = CONFIG.vocab_size,
): readonly TokenizedExample[] {
  return Array.from({ length: rows }, (_, row) => ({
    tokens: Int32Array.from({ length }, (_, t) => (row * 7919 + t * 104729) % vocabularySize),
    isLabel: new Uint8Array(length).fill(1),
    place: { file: 'bench', line: row + 1, unit: 'line' },
  }));
}

export function benchBatch(): MicroBatch {
  return collate(
    benchExamples().map((example) => [example]),
    0,
  );
}

export function benchLayout(config: DecoderConfig, k: number): DeltaLayout {
  const modules = linearModules(config).map(({ module, rows, columns }) => ({
    ...{ module, rows, columns, k, neurons: null },
    indices: randomColumns(rows, k, columns, module),
  }));
  return deltaLayout(config, modules);
}
