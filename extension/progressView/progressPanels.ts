/** The open progress views: one per run, one per set of compared runs; restored when the window reloads. */
import { window, ViewColumn, type Disposable, type WebviewPanel } from 'vscode';
import type { ProgressState } from '../../engine/protocol/webview.ts';
import { ProgressPanel, type PanelPorts } from './progressPanel.ts';

export const PROGRESS_VIEW_TYPE = 'neuroada.progress';

export class ProgressPanels implements Disposable {
  readonly #ports: PanelPorts;
  readonly #panels = new Set<ProgressPanel>();
  readonly #serializer: Disposable;

  constructor(ports: PanelPorts) {
    this.#ports = ports;
    this.#serializer = window.registerWebviewPanelSerializer(PROGRESS_VIEW_TYPE, {
      deserializeWebviewPanel: (panel: WebviewPanel, state: unknown) => {
        this.#restore(panel, state);
        return Promise.resolve();
      },
    });
  }

  /** Shows the runs, in the view that shows just these already if there is one. */
  open(folders: readonly string[]): void {
    const open = [...this.#panels].find((panel) => isSameSet(panel.folders, folders));
    if (open !== undefined) {
      open.panel.reveal();
      return;
    }
    this.#add(window.createWebviewPanel(PROGRESS_VIEW_TYPE, '', ViewColumn.Active), folders);
  }

  /** Whether the user sees the run's progress now. */
  isVisible(folder: string): boolean {
    return [...this.#panels].some(({ panel, folders }) => panel.visible && folders.includes(folder));
  }

  dispose(): void {
    this.#serializer.dispose();
  }

  #restore(panel: WebviewPanel, state: unknown): void {
    const runIds = (state as Partial<ProgressState> | undefined)?.runIds;
    const folders = Array.isArray(runIds) ? runIds.filter((runId) => typeof runId === 'string') : [];
    if (folders.length === 0) panel.dispose();
    else this.#add(panel, folders);
  }

  #add(webviewPanel: WebviewPanel, folders: readonly string[]): void {
    const panel = new ProgressPanel(webviewPanel, folders, this.#ports);
    this.#panels.add(panel);
    webviewPanel.onDidDispose(() => this.#panels.delete(panel));
  }
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((entry) => right.includes(entry));
}
