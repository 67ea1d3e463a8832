/** A run as an agent reads it: plain fields with units in their names. */
import { FINAL_STATUSES } from '../../engine/protocol/runs/events.ts';
import { canMerge, canResume, shownStatus, type Run } from '../runs/run.ts';

export function runReport(run: Run): Record<string, unknown> {
  const { identity, summary } = run;
  return {
    name: identity.name,
    folder: run.folder,
    model: identity.model,
    status: shownStatus(run),
    reason: summary.reason,
    step: summary.step,
    totalSteps: summary.totalSteps,
    loss: summary.loss,
    bestEvaluation: summary.bestEvaluation,
    secondsLeft: FINAL_STATUSES.includes(summary.status) ? undefined : seconds(summary.etaMs),
    placeInQueue: run.queued?.place,
    canBeResumed: canResume(run),
    canBeMerged: canMerge(run),
  };
}

/** With what only the question for one run is worth. */
export function detailedRunReport(run: Run): Record<string, unknown> {
  const { summary, identity } = run;
  return {
    ...runReport(run),
    device: summary.device,
    plan: summary.plan,
    precision: summary.precision,
    tokensPerSecond: summary.tokensPerSecond,
    memoryBytes: summary.memoryBytes,
    peakMemoryBytes: summary.peakMemoryBytes,
    selection: summary.selection,
    evaluations: summary.evaluations,
    checkpoints: summary.checkpoints.map(({ step, path }) => ({ step, path })),
    merged: summary.merged,
    configuration: identity.configuration,
  };
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds / 1000);
}
