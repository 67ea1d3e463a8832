/** First step: the base checkpoint, found in the workspace or browsed. */
import { basename } from 'node:path';
import { l10n, ThemeIcon, window, type QuickPickItem } from 'vscode';
import { bytesText } from '../../text/figures.ts';
import { findCheckpoints, readCheckpoint } from '../checkpointSearch.ts';
import { folderText } from '../folderText.ts';
import { pick } from '../wizard.ts';
import type { LaunchStep } from './launchStep.ts';

interface CheckpointItem extends QuickPickItem {
  /** Undefined: browse. */
  readonly folder: string | undefined;
}

export const checkpointStep: LaunchStep = async (draft, place) => {
  for (;;) {
    const choice = await pick<CheckpointItem>({
      place,
      placeholder: l10n.t('The model to fine-tune: a Hugging Face checkpoint'),
      items: checkpointItems(draft.base),
      isDefault: (item) => item.folder === draft.base,
    });
    if (choice === 'back' || choice === 'cancel') return choice;
    const folder = choice.folder ?? (await browse());
    if (folder !== undefined) return { draft: { ...draft, base: folder } };
  }
};

async function checkpointItems(current: string): Promise<CheckpointItem[]> {
  const found = await findCheckpoints();
  const known = found.some(({ folder }) => folder === current) ? undefined : await readCheckpoint(current);
  const items = [...(known === undefined ? [] : [known]), ...found].map(({ folder, modelType, sizeBytes }) => ({
    folder,
    label: basename(folder),
    description: `${modelType}, ${bytesText(sizeBytes)}`,
    detail: folderText(folder),
    iconPath: new ThemeIcon('symbol-class'),
  }));
  return [
    ...items,
    { folder: undefined, label: l10n.t('Browse…'), iconPath: new ThemeIcon('folder-opened'), alwaysShow: true },
  ];
}

async function browse(): Promise<string | undefined> {
  const chosen = await window.showOpenDialog({
    title: l10n.t('Choose the Checkpoint Folder'),
    openLabel: l10n.t('Choose'),
    canSelectFiles: false,
    canSelectFolders: true,
  });
  const folder = chosen?.[0]?.fsPath;
  if (folder === undefined || (await readCheckpoint(folder)) !== undefined) return folder;
  void window.showErrorMessage(
    l10n.t(
      '{0} holds no checkpoint: expected config.json with a model_type and at least one *.safetensors file.',
      folder,
    ),
  );
  return undefined;
}
