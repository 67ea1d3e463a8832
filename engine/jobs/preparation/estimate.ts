/** Predicts what a run will train, need and take, without touching a weight. */
import { trainableLayout } from '../../training/layouts/trainable.ts';
import { alternatives } from '../../estimate/alternatives.ts';
import { estimateMemory } from '../../estimate/memoryEstimate.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { EstimateResult } from '../../protocol/rpc.ts';
import { allocatableBytes } from '../../runtime/memory.ts';
import type { Job } from '../contract.ts';
import { choiceRequest, settleExecution } from './execution.ts';
import { planMethod } from './methodPlan.ts';
import { longestRow, prepareData, trainingLength } from './preparation.ts';
import { stepTiming } from './stepTiming.ts';

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
    const longest = longestRow(configuration, data);
    const execution = await settleExecution(configuration, checkpoint, layout, longest);
    const request = choiceRequest(configuration, checkpoint, layout, longest, execution.device);
    const current = { plan: execution.plan, microBatchSize: execution.microBatchSize, longest };
    const model = { k: plan.k, width: config.hiddenSize };
    const length = trainingLength(configuration, data.train.examples.length, model);
    onProgress({ phase: 'measuring the speed of this machine', done: 0, total: 0 });
    const timing = await stepTiming(checkpoint, data, configuration.training.batchSize, execution, longest);
    const stepMs = timing(current);
    const { total, ...memory } = estimateMemory(
      config,
      request.weights,
      layout,
      execution.plan,
      execution.microBatchSize,
      longest,
      execution.microBatchSize < request.batchSize,
    );
    return {
      trainableParameters: plan.trainableParameters,
      totalParameters: parameterCount,
      trainableShare: plan.trainableParameters / parameterCount,
      k: plan.k,
      peakMemoryBytes: total,
      availableMemoryBytes: allocatableBytes(),
      device: execution.device,
      plan: execution.plan.plan,
      totalSteps: length.totalSteps,
      stepMs,
      totalMs: stepMs * length.totalSteps,
      fits: true,
      reasons: execution.reasons,
      memory,
      microBatchSize: execution.microBatchSize,
      alternatives: alternatives(request, current).map((other) => ({
        settings: other.settings,
        peakMemoryBytes: other.memory.total,
        stepMs: timing(other),
      })),
    };
  } finally {
    await checkpoint.close();
  }
};
