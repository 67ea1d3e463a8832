/** What tells of runs outside their views: the status-bar item, and a notification when one ends unseen. */
import { dirname } from 'node:path';
import type { Disposable } from 'vscode';
import { createRunEndNotice } from '../notifications/runEndNotice.ts';
import { isProgressVisible, type ProgressPanels } from '../progressView/progressPanels.ts';
import { createActiveRunItem } from '../statusBar/activeRunItem.ts';
import type { Services } from './services.ts';

const COMMANDS = {
  openProgress: 'neuroada.openProgress',
  resume: 'neuroada.resumeRun',
  merge: 'neuroada.merge',
  openLog: 'neuroada.openLog',
};

export function announceRuns({ store, comparisons }: Services, panels: ProgressPanels): Disposable[] {
  const isToldElsewhere = (folder: string): boolean =>
    isProgressVisible(panels, folder) || comparisons.has(dirname(dirname(folder)));
  return [...createActiveRunItem(store, COMMANDS.openProgress), createRunEndNotice(store, isToldElsewhere, COMMANDS)];
}
