/** Training and merging run on the files of the workspace: they wait until the user trusts it. */
import { commands, l10n, window, workspace } from 'vscode';

/** Whether the workspace is trusted; tells the user how to change that where it is not. */
export async function isTrusted(): Promise<boolean> {
  if (workspace.isTrusted) return true;
  const manage = l10n.t('Manage Workspace Trust');
  const message = l10n.t('Training and merging need a trusted workspace. Runs can be looked at without.');
  if ((await window.showWarningMessage(message, manage)) === manage)
    await commands.executeCommand('workbench.trust.manage');
  return workspace.isTrusted;
}
