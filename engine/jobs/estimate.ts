/** Predicts what a run will train, need and take, without touching a weight. */
import { trainableLayout } from '../training/trainable.ts';
import { measuredRate, stepMilliseconds, stepOperations } from '../estimate/speed.ts';
import type { RunConfiguration } from '../protocol/configuration.ts';
import type { EstimateResult } from '../protocol/rpc.ts';
import { machineMemory } from '../runtime/memory.ts';
import type { Job } from './contract.ts';
import { executionOptions, settleExecution } from './execution.ts';
import { planMethod } from './methodPlan.ts';
import { longestRow, prepareData, trainingLength } from './preparation.ts';

/** @throws ExpectedError as training would before its first step, `memory/doesNotFit` included */
export const estimateJob: Job<{ readonly configuration: RunConfiguration }, EstimateResult> = async (
  { configuration },
  observer,
  signal,
) => {
  const onProgress = observer.onProgress ?? ((): void => undefined);
  const { checkpoint, data } = await prepareData(configuration, Date.now(), onProgress, signal);
  try {
    const { config, parameterCount } = checkpoint;
    const plan = planMethod(checkpoint, configuration);
    const layout = trainableLayout(config, plan.shape);
    const execution = await settleExecution(configuration, checkpoint, layout, longestRow(configuration, data));
    const length = trainingLength(configuration, data.train.examples.length, plan.k);
    const { tokens, labelTokens, examples } = data.train.report;
    const perStep = configuration.training.batchSize / examples;
    onProgress({ phase: 'measuring the speed of this machine', done: 0, total: 0 });
    const rate = await measuredRate(executionOptions(execution));
    const meanLength = tokens / examples;
    const operations = stepOperations(config, execution.plan, tokens * perStep, labelTokens * perStep, meanLength);
    const stepMs = stepMilliseconds(operations, rate);
    return {
      trainableParameters: plan.trainableParameters,
      totalParameters: parameterCount,
      trainableShare: plan.trainableParameters / parameterCount,
      k: plan.k,
      peakMemoryBytes: execution.predictedPeakBytes,
      availableMemoryBytes: machineMemory().availableBytes,
      device: execution.device,
      plan: execution.plan.plan,
      totalSteps: length.totalSteps,
      stepMs,
      totalMs: stepMs * length.totalSteps,
      fits: true,
      reasons: execution.reasons,
    };
  } finally {
    await checkpoint.close();
  }
};
