/** A webview panel without an editor: the host code's messages go to a listener, the webview's to the host code. */
import type { WebviewPanel } from 'vscode';

export interface FakeWebviewPanel {
  readonly panel: WebviewPanel;
  /** Hands the host a message of the webview. */
  receive(message: unknown): void;
  /** Hands the webview's messages from the host to the listener; one at a time. */
  onMessage(listener: (message: unknown) => void): void;
}

/** @param origin where the webview's resources come from */
export function fakeWebviewPanel(origin: string): FakeWebviewPanel {
  let toHost: (message: unknown) => void = () => undefined;
  let toWebview: (message: unknown) => void = () => undefined;
  const nothing = (): { dispose(): void } => ({ dispose: () => undefined });
  const webview = {
    html: '',
    options: {},
    cspSource: origin,
    asWebviewUri: (uri: { fsPath: string }) => ({ toString: () => `${origin}/${uri.fsPath.split('/').at(-1)}` }),
    postMessage: (message: unknown) => {
      toWebview(message);
      return Promise.resolve(true);
    },
    onDidReceiveMessage: (listener: (message: unknown) => void) => {
      toHost = listener;
      return nothing();
    },
  };
  const panel = {
    webview,
    title: '',
    visible: true,
    onDidChangeViewState: nothing,
    onDidDispose: nothing,
    dispose: () => undefined,
    reveal: () => undefined,
  };
  return {
    panel: panel as unknown as WebviewPanel,
    receive: (message) => toHost(message),
    onMessage: (listener) => {
      toWebview = listener;
    },
  };
}
