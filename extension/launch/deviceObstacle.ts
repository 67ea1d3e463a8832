/** Says why a device cannot be used, and does what can be done about it. */
import { commands, l10n, window } from 'vscode';
import type { DeviceItem } from './deviceItems.ts';

export async function showObstacle({ obstacle, offer }: Pick<DeviceItem, 'obstacle' | 'offer'>): Promise<void> {
  if (obstacle === undefined) return;
  const install = l10n.t('Install CUDA Support');
  const choice = await window.showInformationMessage(obstacle, ...(offer === undefined ? [] : [install]));
  if (choice === install) await commands.executeCommand('neuroada.installCuda');
}
