/** The typed channel between a webview and its host: messages both ways, and the state that survives a reload. */
import type { WebviewFailure } from '../../engine/protocol/webview.ts';

/** What the editor gives to a webview's script, once. */
interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

export interface Channel<FromHost, ToHost, State> {
  post(message: ToHost | WebviewFailure): void;
  /** Calls back for every message of the host. */
  listen(receive: (message: FromHost) => void): void;
  /** As an older version may have written it: check before use. */
  savedState(): Partial<State> | undefined;
  save(state: State): void;
}

/** Opens the channel; call once. Whatever goes wrong in the page from now on is told to the host. */
export function openChannel<FromHost, ToHost, State>(): Channel<FromHost, ToHost, State> {
  const api = acquireVsCodeApi();
  reportFailures((failure) => api.postMessage(failure));
  return {
    post: (message) => api.postMessage(message),
    listen: (receive) => {
      window.addEventListener('message', (event: MessageEvent<FromHost>) => receive(event.data));
    },
    savedState: () => {
      const state = api.getState();
      return typeof state === 'object' && state !== null ? state : undefined;
    },
    save: (state) => api.setState(state),
  };
}

/** A page that fails without a word looks like a run that does not move. */
function reportFailures(report: (failure: WebviewFailure) => void): void {
  const told = (error: unknown, message: string): void => {
    const stack = error instanceof Error ? error.stack : undefined;
    report({ type: 'failure', message, ...(stack === undefined ? {} : { stack }) });
  };
  window.addEventListener('error', (event) => told(event.error, event.message));
  window.addEventListener('unhandledrejection', (event) => told(event.reason, String(event.reason)));
}
