/** Deleting runs: asks, stops what is running, and moves the folders to the trash where there is one. */
import { FileSystemError, l10n, Uri, window, workspace } from 'vscode';
import { isDriven, type Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { stopAndWait } from './stopRun.ts';

export async function deleteRuns(store: RunStore, queueFolder: string, runs: readonly Run[]): Promise<void> {
  const [first] = runs;
  if (first === undefined) return;
  const question =
    runs.length === 1 ? l10n.t('Delete the run "{0}"?', first.identity.name) : l10n.t('Delete {0} runs?', runs.length);
  const running = runs.filter(isDriven).length;
  const detail = [
    runningText(running, runs.length),
    l10n.t('Checkpoints and adapter go with the folder. Merged models stay.'),
    ...runs.slice(0, 10).map((run) => run.folder),
  ];
  const confirm = l10n.t('Delete');
  const answer = await window.showWarningMessage(
    question,
    { modal: true, detail: detail.filter((line) => line !== '').join('\n') },
    confirm,
  );
  if (answer !== confirm) return;
  for (const run of runs) {
    await stopAndWait(store, queueFolder, run);
    if (!(await removeFolder(run))) return;
    await store.refresh(run.folder);
  }
}

function runningText(running: number, total: number): string {
  if (running === 0) return '';
  if (total === 1) return l10n.t('It is training and will be stopped.');
  return running === 1
    ? l10n.t('One of them is training and will be stopped.')
    : l10n.t('{0} of them are training and will be stopped.', running);
}

/** Returns false where the user would not delete for good. */
async function removeFolder(run: Run): Promise<boolean> {
  const folder = Uri.file(run.folder);
  try {
    await workspace.fs.delete(folder, { recursive: true, useTrash: true });
    return true;
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'FileNotFound') return true;
  }
  const confirm = l10n.t('Delete Permanently');
  const question = l10n.t('The trash is not available for "{0}". Delete it permanently?', run.identity.name);
  if ((await window.showWarningMessage(question, { modal: true }, confirm)) !== confirm) return false;
  await workspace.fs.delete(folder, { recursive: true, useTrash: false });
  return true;
}
