/** "Remove CUDA Support": all that was fetched, and the libraries that were put beside it. */
import { l10n, window } from 'vscode';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { withJobProgress } from '../jobs/jobProgress.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import { bytesText } from '../text/figures.ts';

export async function removeCuda(jobs: JobsEngine): Promise<void> {
  if (!(await isTrusted())) return;
  const { folder, sizeBytes } = await jobs.run('cudaStatus', {}, new AbortController().signal);
  if (sizeBytes === 0) {
    await window.showInformationMessage(l10n.t('CUDA support is not installed.'));
    return;
  }
  const remove = l10n.t('Remove');
  const detail = l10n.t('{0} in {1}. Runs that are training go on.', bytesText(sizeBytes), folder);
  const options = { modal: true, detail };
  if ((await window.showWarningMessage(l10n.t('Remove CUDA support?'), options, remove)) !== remove) return;
  const { freedBytes } = await withJobProgress(l10n.t('Removing CUDA support'), (signal) =>
    jobs.run('removeCuda', {}, signal),
  );
  jobs.restartWhenIdle();
  await window.showInformationMessage(l10n.t('CUDA support is removed; {0} are free.', bytesText(freedBytes)));
}
