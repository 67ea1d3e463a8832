/** The open playgrounds, one per model; restored when the window reloads. */
import { l10n, ViewColumn, window, type Disposable, type WebviewPanel } from 'vscode';
import type { PlaygroundModel, PlaygroundState } from '../../engine/protocol/playground.ts';
import { playgroundModel } from './playgroundModel.ts';
import { PlaygroundPanel, type PlaygroundPorts } from './playgroundPanel.ts';

const PLAYGROUND_VIEW_TYPE = 'neuroada.playground';

export class PlaygroundPanels implements Disposable {
  readonly #ports: PlaygroundPorts;
  readonly #panels = new Set<PlaygroundPanel>();
  readonly #serializer: Disposable;

  constructor(ports: PlaygroundPorts) {
    this.#ports = ports;
    this.#serializer = window.registerWebviewPanelSerializer(PLAYGROUND_VIEW_TYPE, {
      deserializeWebviewPanel: (panel: WebviewPanel, state: unknown) => this.#restore(panel, state),
    });
  }

  open(model: PlaygroundModel): void {
    const open = [...this.#panels].find((panel) => panel.model.path === model.path);
    if (open !== undefined) open.panel.reveal();
    else this.#add(window.createWebviewPanel(PLAYGROUND_VIEW_TYPE, '', ViewColumn.Active), model);
  }

  dispose(): void {
    this.#serializer.dispose();
  }

  async #restore(panel: WebviewPanel, state: unknown): Promise<void> {
    const path = (state as Partial<PlaygroundState> | undefined)?.path;
    const model = typeof path === 'string' ? await playgroundModel(path) : undefined;
    if (model !== undefined) {
      this.#add(panel, model);
      return;
    }
    panel.dispose();
    if (typeof path === 'string')
      void window.showInformationMessage(l10n.t('There is no model at {0} any more.', path));
  }

  #add(webviewPanel: WebviewPanel, model: PlaygroundModel): void {
    const panel = new PlaygroundPanel(webviewPanel, model, this.#ports);
    this.#panels.add(panel);
    webviewPanel.onDidDispose(() => this.#panels.delete(panel));
  }
}
