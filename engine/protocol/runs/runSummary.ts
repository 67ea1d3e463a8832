/** A run at a glance, folded from its events: what a list of runs shows. */
import { isLessBetter } from '../answers/evaluation.ts';
import { deathReason, PROCESS_DIED } from './processDeath.ts';
import {
  FINAL_STATUSES,
  type EvaluatedEvent,
  type EvaluationEvent,
  type RunEvent,
  type RunStatus,
  type SelectionEvent,
} from './events.ts';

/** An evaluation during training. */
export type RunEvaluation = Pick<EvaluationEvent, 'step' | 'loss' | 'scores' | 'chosenBy' | 'answers'>;

/** Whether an evaluation beats the best one: by the score that it is chosen by, where both have it, or else by the loss. */
export function isBetterEvaluation(found: Omit<RunEvaluation, 'step'>, best: RunEvaluation | undefined): boolean {
  const metric = found.chosenBy ?? 'exactMatch';
  const [now, before] = [found.scores?.[metric], best?.scores?.[metric]];
  if (now !== undefined && before !== undefined && now !== before)
    return isLessBetter(metric) ? now < before : now > before;
  return found.loss < (best?.loss ?? Infinity);
}

export interface RunSummary {
  readonly status: RunStatus;
  /** Why, where the status alone does not say. */
  readonly reason: string | undefined;
  /** Code of the failure, `bug`, or `run/processDied`. */
  readonly code: string | undefined;
  /** Optimizer steps done. */
  readonly step: number;
  readonly totalSteps: number | undefined;
  readonly epoch: number | undefined;
  /** Loss of the last step; undefined before the first and just after a resume from an unrecorded checkpoint. */
  readonly loss: number | undefined;
  readonly learningRate: number | undefined;
  readonly gradNorm: number | undefined;
  readonly tokensPerSecond: number | undefined;
  /** Milliseconds still to go, as predicted at the last step; undefined unless training. */
  readonly etaMs: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly peakMemoryBytes: number | undefined;
  readonly device: string | undefined;
  readonly plan: string | undefined;
  /** Such as `float16`; undefined in logs that know float32 alone. */
  readonly precision: string | undefined;
  readonly selection: Omit<SelectionEvent, 'type' | 'time'> | undefined;
  /** By step. */
  readonly evaluations: readonly RunEvaluation[];
  readonly bestEvaluation: RunEvaluation | undefined;
  /** Written ones, by step; the oldest may have been pruned since. `loss` is that of the checkpoint's step. */
  readonly checkpoints: readonly { readonly step: number; readonly path: string; readonly loss: number | undefined }[];
  /** The finished adapter, relative to the run folder. */
  readonly adapter: string | undefined;
  readonly merged: readonly {
    readonly output: string;
    readonly maxLogitDifference: number;
    readonly lostDeltas: number;
  }[];
  /** Evaluations of the finished model, oldest first. */
  readonly evaluated: readonly EvaluatedEvent[];
  readonly warnings: number;
  readonly resumes: number;
  /** Time of the first and of the last event. */
  readonly startedTime: number | undefined;
  readonly updatedTime: number | undefined;
}

/** The summary of a run without events. */
export const EMPTY_RUN_SUMMARY: RunSummary = {
  status: 'preparing',
  reason: undefined,
  code: undefined,
  step: 0,
  totalSteps: undefined,
  epoch: undefined,
  loss: undefined,
  learningRate: undefined,
  gradNorm: undefined,
  tokensPerSecond: undefined,
  etaMs: undefined,
  memoryBytes: undefined,
  peakMemoryBytes: undefined,
  device: undefined,
  plan: undefined,
  precision: undefined,
  selection: undefined,
  evaluations: [],
  bestEvaluation: undefined,
  checkpoints: [],
  adapter: undefined,
  merged: [],
  evaluated: [],
  warnings: 0,
  resumes: 0,
  startedTime: undefined,
  updatedTime: undefined,
};

/** Folds a whole log. */
export function reduceRun(events: Iterable<RunEvent>): RunSummary {
  let summary = EMPTY_RUN_SUMMARY;
  for (const event of events) summary = applyRunEvent(summary, event);
  return summary;
}

/** The summary after one more event. */
export function applyRunEvent(summary: RunSummary, event: RunEvent): RunSummary {
  return {
    ...summary,
    ...changesOf(summary, event),
    startedTime: summary.startedTime ?? event.time,
    updatedTime: event.time,
  };
}

/**
 * The summary of a run whose engine process is known to be gone: unless the log tells how it ended, the run failed.
 * @param how what is known of the process's end, such as `exit code 137`
 */
export function afterProcessDeath(summary: RunSummary, how?: string): RunSummary {
  if (FINAL_STATUSES.includes(summary.status)) return summary;
  return {
    ...summary,
    status: 'failed',
    code: PROCESS_DIED,
    reason: deathReason(how, ''),
    etaMs: undefined,
  };
}

function changesOf(summary: RunSummary, event: RunEvent): Partial<RunSummary> {
  switch (event.type) {
    case 'status': {
      const isFinal = FINAL_STATUSES.includes(event.status);
      return {
        status: event.status,
        reason: event.reason,
        code: event.code,
        etaMs: isFinal ? undefined : summary.etaMs,
      };
    }
    case 'selection': {
      const { strategy, k, trainableParameters, totalParameters, trainableShare } = event;
      return { selection: { strategy, k, trainableParameters, totalParameters, trainableShare } };
    }
    case 'plan':
      return { device: event.device, plan: event.plan, precision: event.precision, totalSteps: event.totalSteps };
    case 'step':
      return {
        step: event.step,
        epoch: event.epoch,
        loss: event.loss,
        learningRate: event.learningRate,
        gradNorm: event.gradNorm,
        tokensPerSecond: event.tokensPerSecond,
        etaMs: event.etaMs,
        memoryBytes: event.memoryBytes,
        peakMemoryBytes: Math.max(summary.peakMemoryBytes ?? 0, event.memoryBytes),
      };
    case 'evaluation':
      return withEvaluations([...summary.evaluations, runEvaluation(event)]);
    case 'checkpoint':
      return { checkpoints: [...summary.checkpoints, { step: event.step, path: event.path, loss: summary.loss }] };
    case 'resumed':
      return afterResume(summary, event.step);
    case 'message':
      return event.level === 'warning' ? { warnings: summary.warnings + 1 } : {};
    case 'result':
      return {
        adapter: event.adapter,
        step: event.steps,
        loss: event.finalLoss,
        peakMemoryBytes: event.peakMemoryBytes,
      };
    case 'merged': {
      const { output, maxLogitDifference, lostDeltas } = event;
      return { merged: [...summary.merged, { output, maxLogitDifference, lostDeltas }] };
    }
    case 'evaluated':
      return { evaluated: [...summary.evaluated, event] };
  }
}

function afterResume(summary: RunSummary, step: number): Partial<RunSummary> {
  const checkpoints = summary.checkpoints.filter((checkpoint) => checkpoint.step <= step);
  return {
    ...withEvaluations(summary.evaluations.filter((evaluation) => evaluation.step <= step)),
    checkpoints,
    step,
    loss: checkpoints.find((checkpoint) => checkpoint.step === step)?.loss,
    // The status before is how the run ended the time before.
    status: 'preparing',
    reason: undefined,
    code: undefined,
    adapter: undefined,
    epoch: undefined,
    learningRate: undefined,
    gradNorm: undefined,
    etaMs: undefined,
    resumes: summary.resumes + 1,
  };
}

function withEvaluations(evaluations: RunSummary['evaluations']): Partial<RunSummary> {
  let best: RunEvaluation | undefined;
  for (const evaluation of evaluations) if (isBetterEvaluation(evaluation, best)) best = evaluation;
  return { evaluations, bestEvaluation: best };
}

function runEvaluation({ step, loss, scores, chosenBy, answers }: EvaluationEvent): RunEvaluation {
  return {
    ...{ step, loss },
    ...(scores === undefined ? {} : { scores }),
    ...(chosenBy === undefined ? {} : { chosenBy }),
    ...(answers === undefined ? {} : { answers }),
  };
}
