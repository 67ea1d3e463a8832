/** A short measurement on this machine: real steps of a model with one layer of the model's own shape. */
import { open } from 'node:fs/promises';
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import { widen } from '../checkpoint/safetensors/widening.ts';
import { collate } from '../data/batches/microBatch.ts';
import type { ExecutionOptions } from '../inference/graphSession.ts';
import { allParameters } from '../model/parameters/modelParameters.ts';
import type { Parameter } from '../model/weights/modelWeights.ts';
import { residentWeights, type ResidentWeights } from '../model/weights/residentWeights.ts';
import { linearModules } from '../selection/targetModules.ts';
import { deltaLayout } from '../training/layouts/deltaLayout.ts';
import { createLayeredPlan } from '../training/plans/layeredPlan.ts';
import { stepOperations } from './speed.ts';

/** Steps that are timed, after one that is not: memory is touched for the first time there. */
const TIMED_STEPS = 2;
/** The speed of more tokens than these is that of these. */
const MOST_TOKENS = 1024;
/** Entries of the probe's vocabulary; the head takes part with what it costs an operation. */
const VOCABULARY = 4096;
/** Neither 0 nor so small that arithmetic becomes slow. */
const WEIGHT = 0.01;
const SAMPLE_ELEMENTS = 1 << 22;

/**
 * Operations a second of training, the best of a few steps: what `stepOperations` counts, over the time that steps take
 * with everything that it does not count.
 *
 * @param rows rows of a micro-batch
 * @param length tokens of each
 */
export async function trainingRate(
  model: DecoderConfig,
  options: ExecutionOptions,
  rows: number,
  length: number,
): Promise<number> {
  const config: DecoderConfig = {
    ...model,
    layerCount: 1,
    vocabularySize: Math.min(VOCABULARY, model.vocabularySize),
    tiedEmbeddings: true,
    slidingWindows: model.slidingWindows.slice(0, 1),
  };
  const tokens = Math.min(length, MOST_TOKENS);
  const rowCount = Math.max(1, Math.min(rows, Math.floor(MOST_TOKENS / tokens)));
  const layout = deltaLayout(
    config,
    linearModules(config).map((module) => ({ ...module, k: 1, neurons: null, indices: new Int32Array(module.rows) })),
  );
  const plan = await createLayeredPlan(probeWeights(config), layout, options, 'none');
  const example = {
    tokens: Int32Array.from({ length: tokens }, (_, token) => (token * 31) % config.vocabularySize),
    isLabel: new Uint8Array(tokens).fill(1),
    place: { file: 'probe', line: 1, unit: 'line' as const },
  };
  const batch = collate(
    Array.from({ length: rowCount }, () => [example]),
    0,
  );
  const gradients = new Float32Array(layout.size);
  let bestMs = Infinity;
  for (let step = 0; step <= TIMED_STEPS; step++) {
    const start = performance.now();
    await plan.accumulate(batch, 1 / batch.labels.length, gradients);
    if (step > 0) bestMs = Math.min(bestMs, performance.now() - start);
  }
  await plan.release();
  const count = rowCount * tokens;
  const choice = { plan: 'layered', savedActivations: 'none', weights: 'float32', attention: 'whole' } as const;
  return stepOperations(config, choice, count, count, tokens) / (bestMs / 1000);
}

function probeWeights(config: DecoderConfig): ResidentWeights {
  const filled = (size: number): Float32Array => new Float32Array(size).fill(WEIGHT);
  const layer = new Map<string, Parameter>();
  for (const { name, shape } of allParameters(config, 0)) {
    layer.set(name, { shape, data: filled(shape.reduce((total, size) => total * size, 1)) });
  }
  const embedding = filled(config.vocabularySize * config.hiddenSize);
  const finalNorm = filled(config.hiddenSize);
  return residentWeights(config, { layers: [layer], embedding, outputEmbedding: embedding, finalNorm });
}

/** Elements that are widened from 16 bits in a second. */
export function wideningRate(): number {
  const [narrow, wide] = [new Uint16Array(SAMPLE_ELEMENTS).fill(1), new Float32Array(SAMPLE_ELEMENTS)];
  widen('BF16', narrow, wide);
  const start = performance.now();
  widen('BF16', narrow, wide);
  return SAMPLE_ELEMENTS / ((performance.now() - start) / 1000);
}

/** Bytes of a file that are read in a second, from wherever the system has them now. */
export async function readingRate(file: string): Promise<number> {
  const handle = await open(file);
  try {
    const buffer = new Uint8Array(SAMPLE_ELEMENTS * 4);
    const start = performance.now();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return bytesRead / ((performance.now() - start) / 1000);
  } finally {
    await handle.close();
  }
}
