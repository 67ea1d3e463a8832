/** The Connections views that commands opened: one per set of sources; restored when the window reloads. */
import { ViewColumn, window, type Disposable, type WebviewPanel } from 'vscode';
import type { ConnectionSource } from '../../engine/protocol/connectionSource.ts';
import { ConnectionsPanel, type ConnectionsPanelPorts } from './connectionsPanel.ts';
import type { ShownSources } from './connectionsSession.ts';
import { restoredSources } from './restoredSources.ts';

const CONNECTIONS_VIEW_TYPE = 'neuroada.connections';

export class ConnectionsPanels implements Disposable {
  readonly #ports: ConnectionsPanelPorts;
  readonly #panels = new Set<ConnectionsPanel>();
  readonly #serializer: Disposable;

  constructor(ports: ConnectionsPanelPorts) {
    this.#ports = ports;
    this.#serializer = window.registerWebviewPanelSerializer(CONNECTIONS_VIEW_TYPE, {
      deserializeWebviewPanel: (panel: WebviewPanel, state: unknown) => {
        const sources = restoredSources(state);
        if (sources === undefined) panel.dispose();
        else this.#add(panel, sources);
        return Promise.resolve();
      },
    });
  }

  /** Shows the sources, in the view that shows just these already if there is one. */
  open(sources: ShownSources): void {
    const open = [...this.#panels].find((panel) => isSame(panel.sources, sources));
    if (open === undefined) this.#add(window.createWebviewPanel(CONNECTIONS_VIEW_TYPE, '', ViewColumn.Active), sources);
    else open.panel.reveal();
  }

  dispose(): void {
    this.#serializer.dispose();
  }

  #add(webviewPanel: WebviewPanel, sources: ShownSources): void {
    const panel = new ConnectionsPanel(webviewPanel, { kind: 'sources', sources }, this.#ports, false);
    this.#panels.add(panel);
    webviewPanel.onDidDispose(() => this.#panels.delete(panel));
  }
}

/** A run is the same at every moment: the view has a slider. */
function isSame(shown: ShownSources | undefined, wanted: ShownSources): boolean {
  if (shown?.length !== wanted.length) return false;
  const isAlone = wanted.length === 1;
  return wanted.every((source, index) => nameOf(source, isAlone) === nameOf(shown[index], isAlone));
}

function nameOf(source: ConnectionSource | undefined, isAlone: boolean): string {
  if (source?.kind === 'run' && isAlone) return `run ${source.folder}`;
  return JSON.stringify(source);
}
