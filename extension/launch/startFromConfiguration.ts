/** Starting and estimating a run from its configuration file. */
import { dirname } from 'node:path';
import { l10n, window } from 'vscode';
import { configurationName, configurationUri, readConfigurationFile } from '../configuration/configurationFile.ts';
import { withJobProgress } from '../jobs/jobProgress.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import { runsFolderIn } from '../settings/settings.ts';
import { bytesText, countText, durationText, percentText } from '../text/figures.ts';
import { settleOutput } from './outputConflict.ts';
import type { Launch } from './startTraining.ts';

export async function startFromConfiguration(launch: Launch, resource: unknown): Promise<void> {
  const uri = configurationUri(resource);
  if (uri === undefined || !(await isTrusted())) return;
  const written = await readConfigurationFile(launch.jobs, uri);
  if (written === undefined) return;
  const configuration = await settleOutput(written, launch.showRun);
  if (configuration === undefined) return;
  const name = configuration.name ?? configurationName(uri);
  const folder = await launch.starts.start(configuration, { name, runsFolder: runsFolderIn(dirname(uri.fsPath)) });
  launch.showRun(folder);
}

export async function estimateConfiguration(launch: Launch, resource: unknown): Promise<void> {
  const uri = configurationUri(resource);
  if (uri === undefined || !(await isTrusted())) return;
  const configuration = await readConfigurationFile(launch.jobs, uri);
  if (configuration === undefined) return;
  const estimate = await withJobProgress(l10n.t('Estimating {0}', configurationName(uri)), (signal, report) =>
    launch.jobs.run('estimate', { configuration }, signal, report),
  );
  const { trainableParameters, trainableShare, peakMemoryBytes, availableMemoryBytes, totalMs, totalSteps, fits } =
    estimate;
  const lines = [
    l10n.t('{0} trainable parameters ({1})', countText(trainableParameters), percentText(trainableShare)),
    l10n.t('peak memory {0} of {1} available', bytesText(peakMemoryBytes), bytesText(availableMemoryBytes)),
    l10n.t('about {0} for {1} steps on {2}', durationText(totalMs), countText(totalSteps), estimate.device),
  ];
  const text = `${configurationName(uri)}: ${lines.join('; ')}.`;
  if (fits) void window.showInformationMessage(text);
  else void window.showWarningMessage(`${text} ${estimate.reasons.join('; ')}`);
}
