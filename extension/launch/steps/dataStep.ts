/** Second step: the data file, found in the workspace or browsed. */
import { basename, dirname, extname } from 'node:path';
import { l10n, ThemeIcon, window, type QuickPickItem } from 'vscode';
import { bytesText } from '../../text/figures.ts';
import { findData } from '../dataSearch.ts';
import { folderText } from '../folderText.ts';
import { pick } from '../wizard.ts';
import type { LaunchStep } from './launchStep.ts';

interface DataItem extends QuickPickItem {
  /** Undefined: browse. */
  readonly file: string | undefined;
}

export const dataStep: LaunchStep = async (draft, place) => {
  for (;;) {
    const choice = await pick<DataItem>({
      place,
      placeholder: l10n.t('What to train on: JSONL, JSON, CSV, TSV or Parquet'),
      items: dataItems(draft.data),
      isDefault: (item) => item.file === draft.data,
    });
    if (choice === 'back' || choice === 'cancel') return choice;
    const file = choice.file ?? (await browse());
    if (file !== undefined) return { draft: { ...draft, data: file } };
  }
};

async function dataItems(current: string): Promise<DataItem[]> {
  const found = await findData();
  const isKnown = current === '' || found.some(({ file }) => file === current);
  const items = found.map(({ file, sizeBytes }) => ({
    ...fileItem(file),
    description: `${formatWord(file)}, ${bytesText(sizeBytes)}`,
  }));
  return [
    ...(isKnown ? [] : [fileItem(current)]),
    ...items,
    { file: undefined, label: l10n.t('Browse…'), iconPath: new ThemeIcon('folder-opened'), alwaysShow: true },
  ];
}

function fileItem(file: string) {
  return {
    file,
    label: basename(file),
    detail: folderText(dirname(file)),
    iconPath: new ThemeIcon('file'),
  };
}

/** The format that the name tells, such as `JSONL`. */
function formatWord(file: string): string {
  return extname(file).slice(1).toUpperCase();
}

async function browse(): Promise<string | undefined> {
  const chosen = await window.showOpenDialog({
    title: l10n.t('Choose the Training Data'),
    openLabel: l10n.t('Choose'),
    filters: { [l10n.t('Data')]: ['jsonl', 'json', 'csv', 'tsv', 'parquet'] },
  });
  return chosen?.[0]?.fsPath;
}
