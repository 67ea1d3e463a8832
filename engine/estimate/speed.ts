/** Predicts the time of a training step: the floating-point operations of its products at a rate measured here and now. */
import { encoderLayer } from '../checkpoint/config/encoderTensors.ts';
import type { ModelConfig } from '../checkpoint/config/modelConfig.ts';
import { Graph } from '../graph/graph.ts';
import { matmul } from '../graph/operations/products/matmul.ts';
import { createGraphSession, type ExecutionOptions } from '../inference/graphSession.ts';
import { float32Tensor } from '../runtime/tensor.ts';
import type { PlanChoice } from './memoryEstimate.ts';

/** Share of a step's time that its matrix products take, where no step can be measured: assumed, not calibrated. */
export const PRODUCT_SHARE = 0.75;
const PROBE_SIZE = 768;
const PROBE_RUNS = 4;

/**
 * Operations (multiplications and additions) of one step, by the sizes of the products.
 *
 * @param tokens of the step, padding included
 * @param labelTokens of the step
 * @param length of a row
 */
export function stepOperations(
  config: ModelConfig,
  plan: PlanChoice,
  tokens: number,
  labelTokens: number,
  length: number,
): number {
  const { headCount, headSize, layerCount } = config;
  const attentionWidth = headCount * headSize;
  const linear = layerProducts(config);
  const attention = 2 * attentionWidth * length;
  const recomputed = RECOMPUTED_SHARE[plan.plan === 'wholeGraph' ? 'wholeGraph' : plan.savedActivations];
  const layer = 2 * tokens * (linear * (2 + recomputed) + attention * (3 + recomputed));
  const outputs = config.family === 'encoder' ? config.hiddenSize : config.vocabularySize;
  const head = 2 * labelTokens * outputs * config.hiddenSize * 2;
  return layerCount * layer + head;
}

/** Elements of a layer's matrices: multiplications of one token. */
function layerProducts(config: ModelConfig): number {
  if (config.family === 'encoder') {
    const { queryKeyValue, attentionOutput, up, down } = encoderLayer(config, 0);
    return [...queryKeyValue, attentionOutput, up, down].reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  }
  const { hiddenSize, intermediateSize, headCount, keyValueHeadCount, headSize } = config;
  return hiddenSize * (2 * headCount * headSize + 2 * keyValueHeadCount * headSize + 3 * intermediateSize);
}

/** What the backward pass computes again, as a share of the forward products: measured, so that other work is in it. */
const RECOMPUTED_SHARE = { none: 0.75, attention: 0.5, all: 0.2, wholeGraph: 0.06 } as const;

/** Operations per second of the runtime's matrix product here, the best of a few short runs. */
export async function measuredRate(options: ExecutionOptions): Promise<number> {
  const graph = new Graph();
  const shape = [PROBE_SIZE, PROBE_SIZE];
  const product = matmul(graph, graph.input('a', 'float32', shape), graph.input('b', 'float32', shape));
  const session = await createGraphSession('speed probe', { graph, outputs: new Map([['product', product]]) }, options);
  const operand = float32Tensor(new Float32Array(PROBE_SIZE ** 2).fill(0.5), shape);
  const fetches = { product: float32Tensor(new Float32Array(PROBE_SIZE ** 2), shape) };
  let bestMs = Infinity;
  for (let run = 0; run < PROBE_RUNS; run++) {
    const start = performance.now();
    await session.run({ a: operand, b: operand }, fetches);
    bestMs = Math.min(bestMs, performance.now() - start);
  }
  await session.release();
  return (2 * PROBE_SIZE ** 3) / (bestMs / 1000);
}
