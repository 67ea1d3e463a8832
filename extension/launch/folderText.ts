/** A folder as the launch steps name it: from the workspace folder down, where it lies in one. */
import { Uri, workspace } from 'vscode';

export function folderText(folder: string): string {
  const home = workspace.getWorkspaceFolder(Uri.file(folder));
  if (home === undefined) return folder;
  return home.uri.fsPath === folder ? home.name : workspace.asRelativePath(folder);
}
