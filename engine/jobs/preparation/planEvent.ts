/** The event that says how a run executes, and why. */
import type { NewRunEvent } from '../../protocol/runs/events.ts';
import type { SettledExecution } from './execution.ts';
import type { PreparedData, TrainingLength } from './preparation.ts';

export function planEvent({ data }: PreparedData, execution: SettledExecution, length: TrainingLength): NewRunEvent {
  const { device, threads, plan, microBatchSize, predictedPeakBytes, reasons } = execution;
  return {
    type: 'plan',
    device,
    threads,
    microBatchSize,
    predictedPeakBytes,
    reasons,
    plan: plan.plan,
    savedActivations: plan.plan === 'layered' ? plan.savedActivations : 'all',
    weights: plan.plan === 'layered' ? plan.weights : 'float32',
    precision: (plan.plan === 'layered' ? plan.precision : undefined) ?? 'float32',
    totalSteps: length.totalSteps,
    stepsPerEpoch: length.stepsPerEpoch,
    learningRate: length.learningRate,
    trainExamples: data.train.examples.length,
    evaluationExamples: data.evaluation.examples.length,
  };
}
