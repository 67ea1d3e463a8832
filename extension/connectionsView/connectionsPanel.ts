/** One Connections view in a tab: its page, its session, and what it asks of the editor. */
import { l10n, RelativePattern, Uri, workspace, type Disposable, type WebviewPanel } from 'vscode';
import { basename, dirname } from 'node:path';
import type { ConnectionsSubject, ConnectionsWebviewMessage } from '../../engine/protocol/connectionsView.ts';
import { ADAPTER_FILES, RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import type { ErrorReport } from '../problems/errorReport.ts';
import { exportFile } from '../progressView/fileExport.ts';
import type { RunStore } from '../runs/runStore.ts';
import { showPage } from '../webviews/viewPage.ts';
import { ConnectionsSession, type ConnectionsTarget } from './connectionsSession.ts';
import type { ShownSources } from './restoredSources.ts';
import { chooseSource } from './sourceChoice.ts';
import { formatTable } from './tableCsv.ts';
import { viewProblem } from './viewProblem.ts';

export interface ConnectionsPanelPorts {
  readonly jobs: JobsEngine;
  readonly store: RunStore;
  readonly report: ErrorReport;
  readonly extensionUri: Uri;
}

export class ConnectionsPanel implements Disposable {
  readonly panel: WebviewPanel;
  readonly #ports: ConnectionsPanelPorts;
  readonly #session: ConnectionsSession;
  readonly #isTitled: boolean;
  #watched = '';
  #watchers: Disposable[] = [];
  #folder = '';

  /** @param isTitled whether the editor gives the tab its title, as it does for a file */
  constructor(panel: WebviewPanel, target: ConnectionsTarget, ports: ConnectionsPanelPorts, isTitled: boolean) {
    this.panel = panel;
    this.#ports = ports;
    this.#isTitled = isTitled;
    this.#session = new ConnectionsSession(target, {
      engine: ports.jobs,
      store: ports.store,
      post: (message) => void panel.webview.postMessage(message),
      problemOf: (error) => {
        const problem = viewProblem(error);
        if (problem.isBug) ports.report.note('connections view', error);
        return problem;
      },
      onSubject: (subject) => {
        this.#follow(subject);
      },
    });
    panel.webview.onDidReceiveMessage((message: ConnectionsWebviewMessage) => {
      void ports.report.guard(() => this.#receive(message));
    });
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#session.pause();
    });
    panel.onDidDispose(() => {
      this.#session.dispose();
      for (const watcher of this.#watchers) watcher.dispose();
    });
    if (!isTitled) {
      panel.title = l10n.t('Connections');
      panel.iconPath = {
        light: Uri.joinPath(ports.extensionUri, 'media', 'connections-light.svg'),
        dark: Uri.joinPath(ports.extensionUri, 'media', 'connections-dark.svg'),
      };
    }
    // The engine starts while the page loads.
    ports.jobs.prepare();
    showPage(panel.webview, { extensionUri: ports.extensionUri, name: 'connections', title: l10n.t('Connections') });
  }

  get sources(): ShownSources | undefined {
    return this.#session.sources;
  }

  dispose(): void {
    this.panel.dispose();
  }

  async #receive(message: ConnectionsWebviewMessage): Promise<void> {
    switch (message.type) {
      case 'ready':
        return this.#session.start(message.state);
      case 'request':
        return this.#session.answer(message);
      case 'cancel':
        this.#session.cancel(message.id);
        return;
      case 'sourcesShown':
        this.#session.note(message.sources);
        return;
      case 'chooseComparison':
        return this.#compare();
      case 'endComparison': {
        const [first] = this.sources ?? [];
        return first === undefined ? undefined : this.#session.show([first]);
      }
      case 'exportCsv': {
        const content = (): Uint8Array => new TextEncoder().encode(formatTable(message.table));
        return exportFile({ name: fileName(message.name), extension: 'csv', folder: this.#folder }, content);
      }
      case 'exportPng': {
        const content = (): Uint8Array => message.bytes;
        return exportFile({ name: fileName(message.name), extension: 'png', folder: this.#folder }, content);
      }
      case 'showLog':
        this.#ports.report.log.show();
        return;
      case 'failure':
        this.#ports.report.note('connections view', message.stack ?? message.message);
    }
  }

  async #compare(): Promise<void> {
    const [first] = this.sources ?? [];
    if (first === undefined) return;
    const { store, jobs } = this.#ports;
    const second = await chooseSource({ store, jobs, title: l10n.t('Compare Connections With'), besides: first });
    if (second !== undefined) await this.#session.show([first, second]);
  }

  /** Runs are followed by their logs; other files are watched. */
  #follow(subject: ConnectionsSubject): void {
    const files = filesOf(subject);
    const [first] = files;
    this.#folder = first === undefined ? '' : dirname(dirname(first));
    if (!this.#isTitled) this.panel.title = titleOf(subject);
    const watched = files.join('\n');
    if (watched === this.#watched) return;
    this.#watched = watched;
    for (const watcher of this.#watchers) watcher.dispose();
    this.#watchers = files.map((file) => {
      const pattern = new RelativePattern(Uri.file(dirname(file)), basename(file));
      const watcher = workspace.createFileSystemWatcher(pattern, false, false, true);
      const refresh = (): void => void this.#ports.report.guard(() => this.#session.refresh());
      watcher.onDidChange(refresh);
      watcher.onDidCreate(refresh);
      return watcher;
    });
  }
}

/** One file for each source that shows when it changes. */
function filesOf(subject: ConnectionsSubject): readonly string[] {
  if (subject.kind === 'tensors') return [subject.table.file];
  return subject.sources.flatMap((description) => {
    if (description === undefined) return [];
    const { kind, folder } = description.source;
    const names = {
      run: RUN_FILES.selection,
      adapter: ADAPTER_FILES.config,
      selection: RUN_FILES.selectionStatistics,
      checkpoint: 'config.json',
    };
    return [`${folder}/${names[kind]}`];
  });
}

function titleOf(subject: ConnectionsSubject): string {
  if (subject.kind === 'tensors') return basename(subject.table.file);
  const [first, second] = subject.sources;
  if (second === undefined) return l10n.t('Connections of {0}', first.name);
  return l10n.t('{0} and {1}', first.name, second.name);
}

function fileName(proposed: string): string {
  return proposed.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80);
}
