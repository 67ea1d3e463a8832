/** Writes what the progress view shows to a file of the user's choice. */
import { commands, l10n, Uri, window, workspace } from 'vscode';
import { dirname, join } from 'node:path';

export interface ExportedFile {
  readonly name: string;
  readonly extension: 'csv' | 'png';
  /** Folder that the dialog starts in. */
  readonly folder: string;
}

/** @param content made only once the place is chosen */
export async function exportFile(file: ExportedFile, content: () => Uint8Array): Promise<void> {
  const label = { csv: l10n.t('Comma-Separated Values'), png: l10n.t('PNG Image') }[file.extension];
  const target = await window.showSaveDialog({
    defaultUri: Uri.file(join(file.folder, `${file.name}.${file.extension}`)),
    filters: { [label]: [file.extension] },
  });
  if (target === undefined) return;
  await workspace.fs.writeFile(target, content());
  const open = l10n.t('Open');
  const reveal = l10n.t('Reveal');
  const choice = await window.showInformationMessage(l10n.t('Exported to {0}.', target.fsPath), open, reveal);
  if (choice === open) await commands.executeCommand('vscode.open', target);
  if (choice === reveal) await commands.executeCommand('revealInExplorer', target);
}

/** A file name for what is shown, beside the first run's folder. */
export function exportName(
  names: readonly string[],
  folders: readonly string[],
): Pick<ExportedFile, 'name' | 'folder'> {
  const label = names.length === 1 ? names[0]! : `comparison-of-${names.length}-runs`;
  const name = label.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80);
  return { name, folder: dirname(folders[0] ?? '') };
}
