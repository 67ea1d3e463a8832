/** The open tabs of one kind of webview: one for each thing that is shown; restored when the window reloads. */
import { ViewColumn, window, type Disposable, type WebviewPanel } from 'vscode';

/** A tab and what is behind it. */
export interface ShownPanel {
  readonly panel: WebviewPanel;
}

export interface RoomKind<P extends ShownPanel, T> {
  readonly viewType: string;
  /** Fills an empty tab. */
  show(panel: WebviewPanel, target: T): P;
  isShown(panel: P, target: T): boolean;
  /** What a tab showed before the reload, by what its page kept; undefined where that is gone. */
  restored(state: unknown): T | undefined | Promise<T | undefined>;
}

export class PanelRoom<P extends ShownPanel, T> implements Disposable {
  readonly #kind: RoomKind<P, T>;
  readonly #panels = new Set<P>();
  readonly #serializer: Disposable;

  constructor(kind: RoomKind<P, T>) {
    this.#kind = kind;
    this.#serializer = window.registerWebviewPanelSerializer(kind.viewType, {
      deserializeWebviewPanel: async (panel: WebviewPanel, state: unknown) => {
        const target = await kind.restored(state);
        if (target === undefined) panel.dispose();
        else this.#add(panel, target);
      },
    });
  }

  get panels(): readonly P[] {
    return [...this.#panels];
  }

  /** Shows it, in the tab that shows just this already if there is one. */
  open(target: T): void {
    const open = this.panels.find((panel) => this.#kind.isShown(panel, target));
    if (open === undefined) this.#add(window.createWebviewPanel(this.#kind.viewType, '', ViewColumn.Active), target);
    else open.panel.reveal();
  }

  dispose(): void {
    this.#serializer.dispose();
  }

  #add(webviewPanel: WebviewPanel, target: T): void {
    const panel = this.#kind.show(webviewPanel, target);
    this.#panels.add(panel);
    webviewPanel.onDidDispose(() => this.#panels.delete(panel));
  }
}
