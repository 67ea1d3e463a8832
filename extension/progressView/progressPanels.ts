/** The open progress views: one per run, one per set of compared runs. */
import type { ProgressState } from '../../engine/protocol/webview.ts';
import { PanelRoom } from '../webviews/panelRoom.ts';
import { ProgressPanel, type PanelPorts } from './progressPanel.ts';

export type ProgressPanels = PanelRoom<ProgressPanel, readonly string[]>;

export function createProgressPanels(ports: PanelPorts): ProgressPanels {
  return new PanelRoom<ProgressPanel, readonly string[]>({
    viewType: 'neuroada.progress',
    show: (panel, folders) => new ProgressPanel(panel, folders, ports),
    isShown: ({ folders: shown }, folders) =>
      shown.length === folders.length && folders.every((folder) => shown.includes(folder)),
    restored: restoredFolders,
  });
}

/** Whether the user sees the run's progress now. */
export function isProgressVisible(panels: ProgressPanels, folder: string): boolean {
  return panels.panels.some(({ panel, folders }) => panel.visible && folders.includes(folder));
}

function restoredFolders(state: unknown): readonly string[] | undefined {
  const runIds = (state as Partial<ProgressState> | undefined)?.runIds;
  const folders = Array.isArray(runIds) ? runIds.filter((runId) => typeof runId === 'string') : [];
  return folders.length === 0 ? undefined : folders;
}
