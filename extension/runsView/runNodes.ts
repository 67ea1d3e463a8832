/** The nodes of the runs view: a run, and below it what it made. */
import { basename, join } from 'node:path';
import { l10n, MarkdownString, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { RunEvaluation, RunSummary } from '../../engine/protocol/runs/runSummary.ts';
import { canMerge, canResume, isRunning, shownStatus, type Run } from '../runs/run.ts';
import { deviceWord, planWord } from '../text/executionWords.ts';
import {
  bytesText,
  countText,
  evaluationFigure,
  evaluationScore,
  lossText,
  percentText,
  scoreText,
} from '../text/figures.ts';
import { runContextValue, runDescription, statusIcon, statusWord } from '../text/statusWords.ts';

export type RunGroup = 'checkpoints' | 'evaluations';

export type Checkpoint = RunSummary['checkpoints'][number];

export type RunNode =
  | { readonly kind: 'run'; readonly folder: string }
  | { readonly kind: 'group'; readonly folder: string; readonly group: RunGroup; readonly count: number }
  | { readonly kind: 'part'; readonly folder: string; readonly part: RunPart };

/** A leaf below a run. */
export interface RunPart {
  readonly type: 'adapter' | 'checkpoint' | 'evaluation' | 'merged' | 'result';
  readonly label: string;
  readonly description: string;
  /** Absolute; undefined where there is nothing to open. */
  readonly path?: string;
}

export function runItem(run: Run): TreeItem {
  const status = shownStatus(run);
  const item = new TreeItem(run.identity.name, TreeItemCollapsibleState.None);
  item.id = run.folder;
  item.collapsibleState = hasParts(run) ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None;
  item.description = runDescription(run);
  item.iconPath = statusIcon(status);
  item.contextValue = runContextValue(run, { resume: canResume(run), merge: canMerge(run) });
  item.command = {
    command: 'neuroada.openProgress',
    title: l10n.t('Open Progress'),
    arguments: [{ folder: run.folder }],
  };
  item.accessibilityInformation = { label: `${run.identity.name}, ${statusWord(status)}, ${runDescription(run)}` };
  return item;
}

/** Rendered when the pointer rests on the run. */
export function runTooltip(run: Run): MarkdownString {
  const { summary, identity } = run;
  const text = new MarkdownString(undefined, true);
  text
    .appendMarkdown('**')
    .appendText(identity.name)
    .appendMarkdown(`** · ${statusWord(shownStatus(run))}\n\n`);
  const reason = identity.problem ?? run.damage ?? summary.reason;
  if (reason !== undefined) text.appendCodeblock(reason, 'text');
  const { selection, bestEvaluation, peakMemoryBytes, device, plan } = summary;
  const rows: [string, string | undefined][] = [
    [l10n.t('Model'), identity.model],
    [l10n.t('Step'), isRunning(run) || summary.step > 0 ? `${summary.step} / ${summary.totalSteps ?? '?'}` : undefined],
    [l10n.t('Loss'), summary.loss === undefined ? undefined : lossText(summary.loss)],
    [
      l10n.t('Best evaluation'),
      bestEvaluation && l10n.t('{0} at step {1}', evaluationFigure(bestEvaluation), bestEvaluation.step),
    ],
    [
      l10n.t('Trainable'),
      selection &&
        `${countText(selection.trainableParameters)} (${percentText(selection.trainableShare)}, ${selection.k === 0 ? selection.strategy : `k = ${selection.k}`})`,
    ],
    [l10n.t('Resumes after'), canResume(run) ? resumeText(run) : undefined],
    [l10n.t('Device'), device && [deviceWord(device), ...(plan === undefined ? [] : [planWord(plan)])].join(', ')],
    [l10n.t('Peak memory'), peakMemoryBytes === undefined ? undefined : bytesText(peakMemoryBytes)],
    [l10n.t('Created'), identity.createdTime === 0 ? undefined : new Date(identity.createdTime).toLocaleString()],
    [l10n.t('Folder'), run.folder],
  ];
  text.appendMarkdown('| | |\n|:--|:--|\n');
  for (const [name, value] of rows) {
    if (value !== undefined && value !== '') text.appendMarkdown(`| ${name} | ${escapeCell(value)} |\n`);
  }
  return text;
}

/**
 * What lies below a run, in the order shown.
 * @param kept the checkpoints that are still on disk: older ones are pruned as the run goes on
 */
export function childNodes(run: Run, kept: readonly Checkpoint[]): RunNode[] {
  const { folder, summary } = run;
  const group = (name: 'checkpoints' | 'evaluations', count: number): RunNode[] =>
    count === 0 ? [] : [{ kind: 'group', folder, group: name, count }];
  const leaves = [...adapterParts(run), ...mergedParts(run), ...resultParts(run)];
  return [
    ...leaves.map((part): RunNode => ({ kind: 'part', folder, part })),
    ...group('evaluations', summary.evaluations.length),
    ...group('checkpoints', kept.length),
  ];
}

/** The newest first. */
export function groupNodes(run: Run, group: RunGroup, kept: readonly Checkpoint[]): RunNode[] {
  const parts = group === 'checkpoints' ? checkpointParts(run, kept) : evaluationParts(run);
  return parts.reverse().map((part) => ({ kind: 'part', folder: run.folder, part }));
}

export function groupItem(run: Run, group: RunGroup, count: number): TreeItem {
  const isCheckpoints = group === 'checkpoints';
  const item = new TreeItem(
    isCheckpoints ? l10n.t('Checkpoints') : l10n.t('Evaluations'),
    TreeItemCollapsibleState.Collapsed,
  );
  item.id = `${run.folder}#${group}`;
  item.description = String(count);
  item.iconPath = new ThemeIcon(isCheckpoints ? 'save-all' : 'graph-line');
  item.contextValue = group;
  return item;
}

export function partItem(folder: string, part: RunPart): TreeItem {
  const icons = {
    adapter: 'extensions',
    checkpoint: 'save',
    evaluation: 'circle-small',
    merged: 'package',
    result: 'checklist',
  } as const;
  const item = new TreeItem(part.label, TreeItemCollapsibleState.None);
  item.id = `${folder}#${part.type}#${part.label}#${part.path ?? ''}`;
  item.description = part.description;
  item.iconPath = new ThemeIcon(icons[part.type]);
  item.contextValue = part.path === undefined ? part.type : `${part.type}.file`;
  if (part.path !== undefined) item.tooltip = part.path;
  if (part.type === 'result' || (part.type === 'evaluation' && part.path !== undefined)) {
    item.command = { command: 'neuroada.openEvaluation', title: l10n.t('Open Evaluation'), arguments: [part.path] };
  }
  return item;
}

function hasParts({ summary, isPartial }: Run): boolean {
  const { adapter, merged, evaluated, evaluations, checkpoints } = summary;
  const count = merged.length + evaluated.length + evaluations.length + checkpoints.length;
  return isPartial || adapter !== undefined || count > 0;
}

function adapterParts({ folder, summary: { adapter } }: Run): RunPart[] {
  if (adapter === undefined) return [];
  return [{ type: 'adapter', label: l10n.t('Adapter'), description: adapter, path: join(folder, adapter) }];
}

function mergedParts({ summary }: Run): RunPart[] {
  return summary.merged.map(({ output, maxLogitDifference, lostDeltas }) => ({
    type: 'merged',
    label: basename(output),
    description: l10n.t(
      'logits within {0}, {1} deltas lost to rounding',
      maxLogitDifference.toExponential(1),
      countText(lostDeltas),
    ),
    path: output,
  }));
}

/** Evaluations of the finished model; each opens as a document with every example. */
function resultParts({ folder, summary }: Run): RunPart[] {
  return summary.evaluated.map(({ name, path, metric, value, baseValue }) => {
    const score = scoreText(metric, value);
    const description =
      baseValue === undefined
        ? l10n.t('{0} {1}', metric, score)
        : l10n.t('{0} {1}, base {2}', metric, score, scoreText(metric, baseValue));
    return { type: 'result', label: name, description, path: join(folder, path) };
  });
}

/** With a leaf for the answers of each task, where several were asked. */
function evaluationParts({ folder, summary: { evaluations, bestEvaluation } }: Run): RunPart[] {
  return evaluations.flatMap((evaluation): RunPart[] => {
    const { step, answers = [] } = evaluation;
    const label = l10n.t('Step {0}', step);
    const description = evaluationDescription(evaluation, step === bestEvaluation?.step);
    const part: RunPart = { type: 'evaluation', label, description };
    const [path, ...others] = answers.map((answered) => join(folder, answered));
    if (path === undefined) return [part];
    if (others.length === 0) return [{ ...part, path }];
    const tasks = [path, ...others].map((answered): RunPart => ({
      type: 'evaluation',
      label: basename(answered),
      description: '',
      path: answered,
    }));
    return [...tasks.reverse(), part];
  });
}

function evaluationDescription(evaluation: RunEvaluation, isBest: boolean): string {
  const { metric, score } = evaluationScore(evaluation);
  const loss = l10n.t('loss {0}', lossText(evaluation.loss));
  const figures = score === undefined ? loss : `${metric} ${scoreText(metric, score)}, ${loss}`;
  return isBest ? l10n.t('{0}, best', figures) : figures;
}

function checkpointParts({ folder }: Run, kept: readonly Checkpoint[]): RunPart[] {
  return kept.map(({ step, path, loss }) => ({
    type: 'checkpoint',
    label: l10n.t('Step {0}', step),
    description: loss === undefined ? '' : l10n.t('loss {0}', lossText(loss)),
    path: join(folder, path),
  }));
}

function resumeText({ summary, isPartial }: Run): string | undefined {
  const step = summary.checkpoints.at(-1)?.step;
  if (step !== undefined) return l10n.t('step {0}', step);
  return isPartial ? undefined : l10n.t('the start: there is no checkpoint');
}

function escapeCell(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>~$]/g, '\\$&').replaceAll('\n', ' ');
}
