/** Adapters to merge where the command was called on none: of the finished runs, or browsed. */
import { l10n, ThemeIcon, Uri, window, type QuickPickItem } from 'vscode';
import { canMerge } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { runItems } from '../runsView/runChoice.ts';

interface AdapterItem extends QuickPickItem {
  /** Undefined: browse. */
  readonly folder: string | undefined;
}

export async function chooseAdapters(store: RunStore): Promise<Uri[] | undefined> {
  const runs = runItems(store, canMerge).map(({ run, ...item }): AdapterItem => ({ ...item, folder: run.folder }));
  if (runs.length === 0) return browse();
  const browseItem = { folder: undefined, label: l10n.t('Browse…'), iconPath: new ThemeIcon('folder-opened') };
  const chosen = await window.showQuickPick([...runs, browseItem], {
    title: l10n.t('Merge into Base Model'),
    placeHolder: l10n.t('Runs whose adapters are merged'),
    canPickMany: true,
    matchOnDescription: true,
  });
  if (chosen === undefined || chosen.length === 0) return undefined;
  const folders = chosen.map(({ folder }) => folder).filter((folder) => folder !== undefined);
  const browsed = folders.length < chosen.length ? await browse() : [];
  return browsed === undefined ? undefined : [...folders.map((folder) => Uri.file(folder)), ...browsed];
}

function browse(): Thenable<Uri[] | undefined> {
  return window.showOpenDialog({
    title: l10n.t('Choose Run or Adapter Folders'),
    openLabel: l10n.t('Merge'),
    canSelectFiles: false,
    canSelectFolders: true,
    canSelectMany: true,
  });
}
