/** The nodes of the runs view: a run, and below it what it made. */
import { join } from 'node:path';
import { l10n, MarkdownString, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { canMerge, canResume, isRunning, shownStatus, type Run } from '../runs/run.ts';
import { bytesText, countText, lossText, percentText } from '../text/figures.ts';
import { runContextValue, runDescription, statusIcon, statusWord } from '../text/statusWords.ts';

export type RunNode =
  | { readonly kind: 'run'; readonly folder: string }
  | { readonly kind: 'group'; readonly folder: string; readonly group: 'checkpoints' | 'evaluations' }
  | { readonly kind: 'part'; readonly folder: string; readonly part: RunPart };

/** A leaf below a run. */
export interface RunPart {
  readonly type: 'adapter' | 'checkpoint' | 'evaluation' | 'merged';
  readonly label: string;
  readonly description: string;
  /** Absolute; undefined where there is nothing to open. */
  readonly path?: string;
}

export function runItem(run: Run): TreeItem {
  const status = shownStatus(run);
  const item = new TreeItem(run.identity.name, TreeItemCollapsibleState.None);
  item.id = run.folder;
  item.collapsibleState =
    runParts(run).length > 0 || run.isPartial ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None;
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
      bestEvaluation && l10n.t('{0} at step {1}', lossText(bestEvaluation.loss), bestEvaluation.step),
    ],
    [
      l10n.t('Trainable'),
      selection &&
        `${countText(selection.trainableParameters)} (${percentText(selection.trainableShare)}, k = ${selection.k})`,
    ],
    [l10n.t('Device'), device === undefined ? undefined : `${device}${plan === undefined ? '' : `, ${plan}`}`],
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

/** What lies below a run, in the order shown. */
export function childNodes(run: Run): RunNode[] {
  const { folder, summary } = run;
  const group = (name: 'checkpoints' | 'evaluations', count: number): RunNode[] =>
    count === 0 ? [] : [{ kind: 'group', folder, group: name }];
  const leaves = runParts(run).filter(({ type }) => type === 'adapter' || type === 'merged');
  return [
    ...leaves.map((part): RunNode => ({ kind: 'part', folder, part })),
    ...group('evaluations', summary.evaluations.length),
    ...group('checkpoints', summary.checkpoints.length),
  ];
}

export function groupNodes(run: Run, group: 'checkpoints' | 'evaluations'): RunNode[] {
  const type = group === 'checkpoints' ? 'checkpoint' : 'evaluation';
  const parts = runParts(run).filter((part) => part.type === type);
  return parts.reverse().map((part) => ({ kind: 'part', folder: run.folder, part }));
}

export function groupItem(run: Run, group: 'checkpoints' | 'evaluations'): TreeItem {
  const isCheckpoints = group === 'checkpoints';
  const item = new TreeItem(
    isCheckpoints ? l10n.t('Checkpoints') : l10n.t('Evaluations'),
    TreeItemCollapsibleState.Collapsed,
  );
  item.id = `${run.folder}#${group}`;
  item.description = String(isCheckpoints ? run.summary.checkpoints.length : run.summary.evaluations.length);
  item.iconPath = new ThemeIcon(isCheckpoints ? 'save-all' : 'graph-line');
  item.contextValue = group;
  return item;
}

export function partItem(folder: string, part: RunPart): TreeItem {
  const icons = { adapter: 'extensions', checkpoint: 'save', evaluation: 'circle-small', merged: 'package' } as const;
  const item = new TreeItem(part.label, TreeItemCollapsibleState.None);
  item.id = `${folder}#${part.type}#${part.label}#${part.path ?? ''}`;
  item.description = part.description;
  item.iconPath = new ThemeIcon(icons[part.type]);
  item.contextValue = part.path === undefined ? part.type : `${part.type}.file`;
  if (part.path !== undefined) item.tooltip = part.path;
  return item;
}

function runParts(run: Run): RunPart[] {
  const { folder, summary } = run;
  const parts: RunPart[] = [];
  if (summary.adapter !== undefined) {
    parts.push({
      type: 'adapter',
      label: l10n.t('Adapter'),
      description: summary.adapter,
      path: join(folder, summary.adapter),
    });
  }
  for (const { output, maxLogitDifference, lostDeltas } of summary.merged) {
    const description = l10n.t(
      'logits within {0}, {1} deltas lost to rounding',
      maxLogitDifference.toExponential(1),
      countText(lostDeltas),
    );
    parts.push({ type: 'merged', label: output, description, path: output });
  }
  for (const { step, loss } of summary.evaluations) {
    const isBest = step === summary.bestEvaluation?.step;
    const description = isBest ? l10n.t('loss {0}, best', lossText(loss)) : l10n.t('loss {0}', lossText(loss));
    parts.push({ type: 'evaluation', label: l10n.t('Step {0}', step), description });
  }
  for (const { step, path, loss } of summary.checkpoints) {
    const description = loss === undefined ? '' : l10n.t('loss {0}', lossText(loss));
    parts.push({ type: 'checkpoint', label: l10n.t('Step {0}', step), description, path: join(folder, path) });
  }
  return parts;
}

function escapeCell(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>~$]/g, '\\$&').replaceAll('\n', ' ');
}
