/** Lets the user pick whose connections to look at: a moment of the same run, a run, a checkpoint, or any file. */
import { basename } from 'node:path';
import { l10n, QuickPickItemKind, ThemeIcon, window, workspace, type QuickPickItem } from 'vscode';
import type { ConnectionSource, RunSource, SourceMoment } from '../../engine/protocol/connections/connectionSource.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { findCheckpoints } from '../launch/checkpointSearch.ts';
import type { Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { runItems } from '../runsView/runChoice.ts';
import { bytesText } from '../text/figures.ts';
import { askHypothetical } from './hypotheticalSelection.ts';
import { sourceOfPath } from './sourceOfPath.ts';

export interface SourceChoice {
  readonly store: RunStore;
  readonly jobs: JobsEngine;
  readonly title: string;
  /** What is looked at already and is not offered again. */
  readonly besides?: ConnectionSource;
}

interface SourceItem extends QuickPickItem {
  /** Undefined for separators. */
  readonly choose?: () => Promise<ConnectionSource | undefined>;
}

/** Undefined where the user gives up. */
export async function chooseSource(choice: SourceChoice): Promise<ConnectionSource | undefined> {
  const options = { title: choice.title, matchOnDescription: true, matchOnDetail: true };
  const chosen = await window.showQuickPick<SourceItem>(sourceItems(choice), options);
  return chosen?.choose?.();
}

/** A run that has selected its connections. */
function hasConnections(run: Run): boolean {
  return run.summary.selection !== undefined;
}

async function sourceItems({ store, jobs, besides }: SourceChoice): Promise<SourceItem[]> {
  const own = besides?.kind === 'run' ? besides : undefined;
  const runs = runItems(store, (run) => hasConnections(run) && run.folder !== own?.folder).map(({ run, ...item }) => {
    const source: RunSource = { kind: 'run', folder: run.folder, at: 'newest' };
    return { ...item, choose: () => Promise.resolve(source) };
  });
  const checkpoints = (await findCheckpoints()).map(({ folder, modelType, sizeBytes }) => ({
    label: basename(folder),
    description: `${modelType}, ${bytesText(sizeBytes)}`,
    detail: workspace.asRelativePath(folder),
    iconPath: new ThemeIcon('symbol-class'),
    choose: () => askHypothetical(jobs, folder),
  }));
  return [
    ...section(l10n.t('This run'), own === undefined ? [] : await momentItems(jobs, own)),
    ...section(l10n.t('Runs'), runs),
    ...section(l10n.t('What would be selected'), checkpoints),
    separator(''),
    {
      label: l10n.t('Browse…'),
      iconPath: new ThemeIcon('folder-opened'),
      alwaysShow: true,
      choose: () => browse(jobs),
    },
  ];
}

async function momentItems(jobs: JobsEngine, source: RunSource): Promise<SourceItem[]> {
  const { moments } = await jobs.run('inspection/describe', { source }, new AbortController().signal);
  return moments
    .filter(({ at }) => at !== source.at)
    .toReversed()
    .map((moment) => ({
      label: momentText(moment),
      iconPath: new ThemeIcon('save'),
      choose: () => Promise.resolve({ ...source, at: moment.at }),
    }));
}

function momentText({ at, step }: SourceMoment): string {
  if (at === 'selection') return l10n.t('Selection, before training');
  return at === 'adapter' ? l10n.t('Adapter, step {0}', step) : l10n.t('Step {0}', step);
}

function section(label: string, items: readonly SourceItem[]): SourceItem[] {
  return items.length === 0 ? [] : [separator(label), ...items];
}

function separator(label: string): SourceItem {
  return { label, kind: QuickPickItemKind.Separator };
}

async function browse(jobs: JobsEngine): Promise<ConnectionSource | undefined> {
  const chosen = await window.showOpenDialog({
    title: l10n.t('Choose a Run, an Adapter or a Checkpoint'),
    openLabel: l10n.t('Choose'),
    canSelectFiles: false,
    canSelectFolders: true,
  });
  const path = chosen?.[0]?.fsPath;
  return path === undefined ? undefined : sourceOfPath(jobs, path);
}
