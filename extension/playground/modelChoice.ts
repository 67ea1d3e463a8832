/** Lets the user choose what to try: a run with an adapter, or a folder. */
import { l10n, QuickPickItemKind, window, type QuickPickItem } from 'vscode';
import type { PlaygroundModel } from '../../engine/protocol/answers/playground.ts';
import { canMerge } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { runItems, type RunItem } from '../runsView/runChoice.ts';
import { playgroundModel } from './playgroundModel.ts';

export async function chooseModel(store: RunStore): Promise<PlaygroundModel | undefined> {
  const title = l10n.t('Model to Try');
  const browse: QuickPickItem = { label: l10n.t('Browse…'), description: l10n.t('an adapter or checkpoint folder') };
  const separator: QuickPickItem = { label: '', kind: QuickPickItemKind.Separator };
  const items: (QuickPickItem | RunItem)[] = [...runItems(store, canMerge), separator, browse];
  const picked = await window.showQuickPick(items, { title, matchOnDescription: true });
  if (picked === undefined) return undefined;
  const path = 'run' in picked ? picked.run.folder : await browseFolder(title);
  return path === undefined ? undefined : modelAt(path);
}

/** The model at the path; where there is none the user is told. */
export async function modelAt(path: string): Promise<PlaygroundModel | undefined> {
  const model = await playgroundModel(path);
  if (model === undefined) {
    const expected = l10n.t('expected a run, an adapter or a checkpoint with config.json');
    void window.showErrorMessage(l10n.t('{0} holds no model: {1}.', path, expected));
  }
  return model;
}

async function browseFolder(title: string): Promise<string | undefined> {
  const openLabel = l10n.t('Try');
  const folders = await window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, title, openLabel });
  return folders?.[0]?.fsPath;
}
