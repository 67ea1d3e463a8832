/** The figures of a run that stand beside its curves. */
import { l10n } from 'vscode';
import type { RunAction, RunCard } from '../../engine/protocol/webview.ts';
import { canMerge, canResume, isRunning, shownStatus, type Run } from '../runs/run.ts';
import { progressText, statusWord } from '../text/statusWords.ts';

/** @param now in milliseconds since the epoch */
export function runCard(run: Run, now: number): RunCard {
  const { summary, identity } = run;
  const status = shownStatus(run);
  const { startedTime, updatedTime } = summary;
  const endTime = isRunning(run) ? now : updatedTime;
  return withoutUndefined({
    runId: run.folder,
    name: identity.name,
    status,
    statusText: statusText(run),
    step: summary.step,
    totalSteps: summary.totalSteps ?? 0,
    epoch: summary.epoch ?? 0,
    loss: finite(summary.loss),
    bestEvaluation: summary.bestEvaluation,
    etaMs: isRunning(run) ? summary.etaMs : undefined,
    elapsedMs: startedTime === undefined || endTime === undefined ? undefined : Math.max(0, endTime - startedTime),
    tokensPerSecond: summary.tokensPerSecond,
    memoryBytes: isRunning(run) ? summary.memoryBytes : undefined,
    peakMemoryBytes: summary.peakMemoryBytes,
    device: summary.device,
    plan: summary.plan,
    precision: summary.precision,
    trainableParameters: summary.selection?.trainableParameters,
    trainableShare: summary.selection?.trainableShare,
    problem: identity.problem ?? run.damage ?? (status === 'failed' ? summary.reason : undefined),
    actions: actionsOf(run),
  });
}

/** Such as `Training`, `Preparing: reading checkpoint 40 %` or `Queued, place 2`. */
function statusText(run: Run): string {
  const status = shownStatus(run);
  const word = statusWord(status);
  if (run.queued !== undefined) return l10n.t('{0}, place {1}', word, run.queued.place);
  const doing = isRunning(run) && status !== 'training' ? progressText(run.progress) : undefined;
  return doing === undefined ? word : `${word}: ${doing}`;
}

function actionsOf(run: Run): RunAction[] {
  const actions: RunAction[] = [];
  if (isRunning(run) || run.queued !== undefined) actions.push('stop');
  const isKnown = run.identity.configuration !== undefined;
  if (canResume(run) && isKnown && run.queued === undefined) actions.push('resume');
  if (canMerge(run)) actions.push('merge');
  if (!isRunning(run) && run.queued === undefined && isKnown) actions.push('runAgain');
  actions.push('openLog', 'reveal');
  return actions;
}

/** JSON has no NaN: a diverged loss shows as missing, and the run's problem says why. */
function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function withoutUndefined<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
