/** A run that takes long to stop is in the middle of a long step: the user may end it at once. */
import { setTimeout as delay } from 'node:timers/promises';
import { l10n, window } from 'vscode';
import type { Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { isStillDriven, killProcess } from './stopRun.ts';

const PATIENCE_MS = 20_000;

/** Asks once, where the run still goes on after a while. */
export async function offerToEnd(store: RunStore, { folder, identity }: Run): Promise<void> {
  await delay(PATIENCE_MS, undefined, { ref: false });
  if (!isStillDriven(store, folder)) return;
  const end = l10n.t('End Now');
  const message = l10n.t(
    '"{0}" is still at its step and stops after it. Ended now, it loses the steps since its last checkpoint.',
    identity.name,
  );
  if ((await window.showWarningMessage(message, end)) === end && isStillDriven(store, folder)) {
    killProcess(store, folder);
  }
}
