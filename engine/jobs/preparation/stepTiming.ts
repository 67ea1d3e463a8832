/** Predicts the time of a step for any way to execute a run, from a short measurement on this machine. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { TrainingData } from '../../data/exampleSets.ts';
import type { ExecutionShape } from '../../estimate/alternatives.ts';
import { measuredRate, PRODUCT_SHARE, stepOperations } from '../../estimate/speed.ts';
import { readingRate, trainingRate, wideningRate } from '../../estimate/stepProbe.ts';
import { weightSizes } from '../../model/weights/storedWeights.ts';
import { executionOptions, type SettledExecution } from './execution.ts';

/** Milliseconds of a step. */
export type StepTiming = (shape: ExecutionShape) => number;

/** Passes over the weights in a micro-batch: forward and backward. */
const PASSES = 2;

/** @param longest tokens of the longest row as the run is configured */
export async function stepTiming(
  checkpoint: Checkpoint,
  { train }: TrainingData,
  batchSize: number,
  execution: SettledExecution,
  longest: number,
): Promise<StepTiming> {
  const { config } = checkpoint;
  const options = executionOptions(execution);
  const lengths = train.examples.map(({ tokens }) => tokens.length);
  const tokensWithin = (limit: number): number => lengths.reduce((sum, length) => sum + Math.min(length, limit), 0);
  const meanLength = tokensWithin(longest) / lengths.length;
  const rate =
    config.family === 'decoder' && execution.device === 'cpu'
      ? await trainingRate(config, options, execution.microBatchSize, Math.ceil(meanLength))
      : (await measuredRate(options)) * PRODUCT_SHARE;
  const sizes = weightSizes(checkpoint);
  const widenedMs = (sizes.float32 / 4 / wideningRate()) * 1000;
  const readMs = (sizes.stored / (await readingRate(checkpoint.files[0]?.path ?? ''))) * 1000;
  return ({ plan, microBatchSize, longest: limit }) => {
    const kept = tokensWithin(limit) / tokensWithin(longest);
    const tokens = meanLength * kept * batchSize;
    const labels = (train.report.labelTokens / lengths.length) * kept * batchSize;
    const operations = stepOperations(config, plan, tokens, labels, meanLength * kept);
    const storage = plan.plan === 'layered' ? plan.weights : 'float32';
    const passes = PASSES * Math.ceil(batchSize / microBatchSize);
    const weightsMs = storage === 'float32' ? 0 : passes * (widenedMs + (storage === 'streamed' ? readMs : 0));
    return (operations / rate) * 1000 + weightsMs;
  };
}
