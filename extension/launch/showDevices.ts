/** Shows what can compute on this machine, which of it is taken by itself, and what keeps the rest from it. */
import { l10n, window } from 'vscode';
import { withJobProgress } from '../jobs/jobProgress.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import { deviceItems } from './deviceItems.ts';
import { showObstacle } from './deviceObstacle.ts';
import type { Launch } from './startTraining.ts';

export async function showDevices({ jobs }: Launch): Promise<void> {
  if (!(await isTrusted())) return;
  const devices = await withJobProgress(l10n.t('Looking for devices'), (signal, report) =>
    jobs.run('devices', {}, signal, report),
  );
  const chosen = await window.showQuickPick(deviceItems(devices), {
    title: l10n.t('Devices'),
    placeHolder: l10n.t('What can compute here; engine.device chooses one for a run'),
    matchOnDescription: true,
  });
  if (chosen !== undefined) await showObstacle(chosen);
}
