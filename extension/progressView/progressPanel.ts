/** One editor tab with the progress view: its page, what it asks of the editor, and its session. */
import { l10n, Uri, type Disposable, type WebviewPanel } from 'vscode';
import type { ProgressWebviewMessage, RunAction } from '../../engine/protocol/webview.ts';
import type { ErrorReport } from '../problems/errorReport.ts';
import type { Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { pickRuns } from '../runsView/runChoice.ts';
import { showPage } from '../webviews/viewPage.ts';
import { formatCsv } from './csv.ts';
import { exportFile, exportName } from './fileExport.ts';
import { ProgressSession } from './progressSession.ts';
import { runCard } from './runCard.ts';

export interface PanelPorts {
  readonly store: RunStore;
  readonly report: ErrorReport;
  readonly extensionUri: Uri;
  /** Does what the button on a run's card says, as the command of the runs view does. */
  act(action: RunAction, run: Run): Promise<void>;
}

export class ProgressPanel implements Disposable {
  readonly panel: WebviewPanel;
  readonly #ports: PanelPorts;
  readonly #session: ProgressSession;

  constructor(panel: WebviewPanel, folders: readonly string[], ports: PanelPorts) {
    this.panel = panel;
    this.#ports = ports;
    this.#session = new ProgressSession(folders, {
      store: ports.store,
      describe: (run) => runCard(run, Date.now()),
      post: (message) => void panel.webview.postMessage(message),
      onError: (error) => ports.report.note('progress view', error),
    });
    panel.iconPath = {
      light: Uri.joinPath(ports.extensionUri, 'media', 'progress-light.svg'),
      dark: Uri.joinPath(ports.extensionUri, 'media', 'progress-dark.svg'),
    };
    panel.webview.onDidReceiveMessage((message: ProgressWebviewMessage) => {
      void ports.report.guard(() => this.#receive(message));
    });
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#session.pause();
    });
    panel.onDidDispose(() => this.#session.dispose());
    this.#retitle();
    showPage(panel.webview, { extensionUri: ports.extensionUri, name: 'progress', title: l10n.t('Training Progress') });
  }

  /** The shown runs' folders, in the order of their colours. */
  get folders(): readonly string[] {
    return this.#session.folders;
  }

  dispose(): void {
    this.panel.dispose();
  }

  async #receive(message: ProgressWebviewMessage): Promise<void> {
    switch (message.type) {
      case 'ready':
        await Promise.all(this.folders.map((folder) => this.#find(folder)));
        this.#retitle();
        return this.#session.start(message.view);
      case 'view':
        return this.#session.look(message.view);
      case 'read': {
        this.#session.read(message.step);
        return;
      }
      case 'chooseRuns':
        return this.#chooseRuns();
      case 'removeRun':
        return this.#show(this.folders.filter((folder) => folder !== message.runId));
      case 'action': {
        const run = this.folders.includes(message.runId) ? this.#ports.store.get(message.runId) : undefined;
        return run === undefined ? undefined : this.#ports.act(message.action, run);
      }
      case 'exportCsv':
        return exportFile({ ...this.#exportName(), extension: 'csv' }, () => this.#csv());
      case 'exportPng':
        return exportFile({ ...this.#exportName(), extension: 'png' }, () => message.bytes);
      case 'failure':
        this.#ports.report.note('progress view', message.stack ?? message.message);
    }
  }

  /** After a reload the view is restored before the runs were looked for. */
  async #find(folder: string): Promise<void> {
    const { store } = this.#ports;
    if (store.get(folder) === undefined) await store.refresh(folder);
    await store.complete(folder);
  }

  async #chooseRuns(): Promise<void> {
    const title = l10n.t('Runs to Show');
    const runs = await pickRuns(this.#ports.store, title, () => true, new Set(this.folders));
    if (runs === undefined || runs.length === 0) return;
    const chosen = new Set(runs.map(({ folder }) => folder));
    // Runs that stay keep their colours.
    const kept = this.folders.filter((folder) => chosen.delete(folder));
    await this.#show([...kept, ...chosen]);
  }

  async #show(folders: readonly string[]): Promise<void> {
    if (folders.length === 0) {
      this.dispose();
      return;
    }
    await Promise.all(folders.map((folder) => this.#find(folder)));
    await this.#session.show(folders);
    this.#retitle();
  }

  #retitle(): void {
    this.panel.title = this.folders.length === 1 ? this.#names()[0]! : l10n.t('Compare {0} Runs', this.folders.length);
  }

  #names(): string[] {
    return this.folders.map((folder) => this.#ports.store.get(folder)?.identity.name ?? l10n.t('Training Progress'));
  }

  #exportName(): ReturnType<typeof exportName> {
    return exportName(this.#names(), this.folders);
  }

  #csv(): Uint8Array {
    const names = this.#names();
    const runs = this.#session.followers.map(({ series }, index) => ({ name: names[index]!, series }));
    return new TextEncoder().encode(formatCsv(runs));
  }
}
