/** "Duplicate Configuration": a run's configuration as a new unsaved file, to change and start. */
import { dirname, join } from 'node:path';
import { Uri, window, workspace, WorkspaceEdit, Position } from 'vscode';
import { existsSync } from 'node:fs';
import { configurationText } from '../configuration/configurationText.ts';
import { withoutOutput } from '../launch/launchDraft.ts';
import { runFolderLabel } from '../launch/runFolderName.ts';
import type { Run } from '../runs/run.ts';
import { homeFolderOf } from '../settings/settings.ts';

/** The file is proposed beside the data, where relative paths are short; it is written when the user saves it. */
export async function duplicateConfiguration({ folder, identity }: Run): Promise<void> {
  if (identity.configuration === undefined) return;
  const file = freeFile(homeFolderOf(dirname(folder)), runFolderLabel(identity.name));
  const text = await configurationText({ ...withoutOutput(identity.configuration), name: identity.name }, file);
  const uri = Uri.file(file).with({ scheme: 'untitled' });
  const document = await workspace.openTextDocument(uri);
  const edit = new WorkspaceEdit();
  edit.insert(uri, new Position(0, 0), text);
  await workspace.applyEdit(edit);
  await window.showTextDocument(document);
}

function freeFile(folder: string, label: string): string {
  for (let number = 1; ; number++) {
    const file = join(folder, `${label}${number === 1 ? '' : `-${number}`}.neuroada.json`);
    if (!existsSync(file)) return file;
  }
}
