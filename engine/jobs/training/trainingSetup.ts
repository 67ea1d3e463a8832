/** What is fixed for a run's steps, by its configuration and how it executes. */
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import { warmupStepsOf } from '../../training/optimization/learningRate.ts';
import type { TrainingSetup } from '../../training/trainer.ts';
import type { SettledExecution } from '../preparation/execution.ts';
import type { PreparedData, TrainingLength } from '../preparation/preparation.ts';

export function trainingSetup(
  { training, data }: RunConfiguration,
  prepared: PreparedData,
  execution: SettledExecution,
  length: TrainingLength,
): Omit<TrainingSetup, 'stepper'> {
  return {
    examples: prepared.data.train.examples,
    padTokenId: prepared.tokenizer.padTokenId ?? prepared.tokenizer.eosTokenId,
    maxLength: data.maxLength,
    batchSize: training.batchSize,
    microBatchSize: execution.microBatchSize,
    batching: training.batching,
    seed: training.seed,
    precision: (execution.plan.plan === 'layered' ? execution.plan.precision : undefined) ?? 'float32',
    maxGradNorm: training.maxGradNorm,
    optimizer: training,
    schedule: {
      kind: training.schedule,
      peak: length.learningRate,
      warmupSteps: warmupStepsOf(training.warmupRatio, length.totalSteps),
      totalSteps: length.totalSteps,
    },
  };
}
