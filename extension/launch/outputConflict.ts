/** A configuration that names an output can be started once; after that the user says where the next run goes. */
import { readdir } from 'node:fs/promises';
import { l10n, window, workspace } from 'vscode';
import type { RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import { withoutOutput } from './launchDraft.ts';

/** The configuration to start, without its output where that is taken; undefined where the user left. */
export async function settleOutput(
  configuration: RunConfiguration,
  showRun: (folder: string) => void,
): Promise<RunConfiguration | undefined> {
  const { output } = configuration;
  if (output === undefined || !(await isTaken(output))) return configuration;
  const fresh = l10n.t('Start in a New Folder');
  const show = l10n.t('Show Existing Run');
  const message = l10n.t('{0}, the output of this configuration, exists already.', workspace.asRelativePath(output));
  const choice = await window.showWarningMessage(message, fresh, show);
  if (choice === show) showRun(output);
  if (choice !== fresh) return undefined;
  return withoutOutput(configuration);
}

async function isTaken(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
