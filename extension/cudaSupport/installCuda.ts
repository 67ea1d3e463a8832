/** "Install CUDA Support": asks, has the engine fetch and check it, and tells what the system still lacks. */
import { l10n, window } from 'vscode';
import type { CudaStatus, InstallCudaResult } from '../../engine/protocol/cuda.ts';
import { CancelledError } from '../engine/engineError.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { withJobProgress } from '../jobs/jobProgress.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import { cudaArchive } from '../settings/settings.ts';
import { bytesText } from '../text/figures.ts';
import { showCudaOutcome } from './cudaOutcome.ts';

export async function installCuda(jobs: JobsEngine): Promise<void> {
  if (!(await isTrusted())) return;
  const before = await jobs.run('cudaStatus', {}, new AbortController().signal);
  if (before.state === 'unsupported') {
    await window.showInformationMessage(`${before.reason ?? ''}.`);
    return;
  }
  if (before.state !== 'installed' && !(await isConfirmed(before))) return;
  const result = await runInstallation(jobs);
  if (result === undefined) return;
  jobs.restartWhenIdle();
  await showCudaOutcome(result);
}

/** It is the only thing that the extension ever fetches: nothing is fetched without a word. */
async function isConfirmed({ reason, runtimeVersion, downloadedBytes }: CudaStatus): Promise<boolean> {
  const { from } = cudaArchive();
  const source = from ?? 'nuget.org';
  const parts = [
    ...(reason === undefined ? [] : [`${reason}.`]),
    l10n.t(
      'The CUDA provider of ONNX Runtime {0} is fetched from {1}, a few hundred megabytes.',
      runtimeVersion,
      source,
    ),
    ...(downloadedBytes === 0 ? [] : [l10n.t('{0} of it are here already.', bytesText(downloadedBytes))]),
    l10n.t("Its hash is checked before it is used. NVIDIA's own libraries are not part of it."),
  ];
  const install = l10n.t('Install');
  const options = { modal: true, detail: parts.join(' ') };
  return (await window.showInformationMessage(l10n.t('Install CUDA support?'), options, install)) === install;
}

/** Undefined where the user cancelled it. */
async function runInstallation(jobs: JobsEngine): Promise<InstallCudaResult | undefined> {
  try {
    return await withJobProgress(l10n.t('Installing CUDA support'), (signal, report) =>
      jobs.run('installCuda', cudaArchive(), signal, report),
    );
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    void window.showInformationMessage(
      l10n.t('CUDA support was not installed. What was downloaded is kept, and the command goes on from there.'),
    );
    return undefined;
  }
}
