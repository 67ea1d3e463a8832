/** The result of a merge in words: what changed, how exactly, and what to do with it. */
import { commands, l10n, Uri, window, workspace } from 'vscode';
import type { MergeResult } from '../../engine/protocol/rpc.ts';
import { countText, percentText } from '../text/figures.ts';

/** Below this the merged model and base plus adapter differ by rounding alone. */
const ROUNDING_ONLY = 1e-3;

export function mergeWords({ changedEntries, lostDeltas, maxLogitDifference }: MergeResult): string {
  return `${verdict(maxLogitDifference)} ${lossWords(changedEntries, lostDeltas)}`;
}

function verdict(maxLogitDifference: number | undefined): string {
  if (maxLogitDifference === undefined) return l10n.t('The merged model was not run.');
  const words =
    maxLogitDifference <= ROUNDING_ONLY
      ? l10n.t('the merged model answers as base and adapter do')
      : l10n.t('rounding to the base dtype changed the answers slightly');
  return l10n.t('Verified: {0} (largest logit difference {1}).', words, differenceText(maxLogitDifference));
}

function differenceText(difference: number): string {
  return difference === 0 ? '0' : difference.toExponential(1);
}

function lossWords(changedEntries: number, lostDeltas: number): string {
  const changed = countText(changedEntries);
  if (lostDeltas === 0) return l10n.t('{0} weights changed, no delta was lost to rounding.', changed);
  return l10n.t(
    '{0} weights changed; {1} deltas ({2}) were smaller than the rounding of the dtype and are lost: F32 keeps them.',
    changed,
    countText(lostDeltas),
    percentText(lostDeltas / (changedEntries + lostDeltas)),
  );
}

export async function showMergeResult(result: MergeResult): Promise<void> {
  const reveal = l10n.t('Reveal');
  const open = l10n.t('Open');
  const message = `${l10n.t('Merged into {0}.', workspace.asRelativePath(result.output))} ${mergeWords(result)}`;
  const choice = await window.showInformationMessage(message, reveal, open);
  const folder = Uri.file(result.output);
  if (choice === reveal) await revealFolder(folder);
  if (choice === open) await window.showTextDocument(Uri.joinPath(folder, 'config.json'));
}

/** In the explorer where the folder is in the workspace, else in the system's file manager. */
export async function revealFolder(folder: Uri): Promise<void> {
  const isInside = workspace.getWorkspaceFolder(folder) !== undefined;
  await commands.executeCommand(isInside ? 'revealInExplorer' : 'revealFileInOS', folder);
}
