/** The progress view's real host over real run folders, shown in a browser instead of an editor. */
import type { LogOutputChannel } from 'vscode';
import { Uri } from 'vscode';
import type { RunAction } from '../../engine/protocol/webview.ts';
import { ErrorReport } from '../../extension/problems/errorReport.ts';
import type { ProblemList } from '../../extension/problems/problemList.ts';
import { ProgressPanel } from '../../extension/progressView/progressPanel.ts';
import { RunStore } from '../../extension/runs/runStore.ts';
import { fakeWebviewPanel, type FakeWebviewPanel } from '../vscode/fakeWebviewPanel.ts';
import { WEBVIEW_ORIGIN } from '../webview/webviewPage.ts';

export interface ProgressHost {
  readonly webview: FakeWebviewPanel;
  readonly panel: ProgressPanel;
  readonly store: RunStore;
  /** Actions that buttons asked for, with the run's name. */
  readonly actions: string[];
  /** What the host logged as errors. */
  readonly errors: string[];
  dispose(): void;
}

export async function progressHost(folders: readonly string[]): Promise<ProgressHost> {
  const errors: string[] = [];
  const actions: string[] = [];
  const log = { error: (...parts: unknown[]) => errors.push(parts.join(' ')), warn: () => undefined };
  const store = new RunStore((_, error) => errors.push(String(error)));
  for (const folder of folders) await store.refresh(folder);
  const webview = fakeWebviewPanel(WEBVIEW_ORIGIN);
  const panel = new ProgressPanel(webview.panel, folders, {
    store,
    report: new ErrorReport(log as unknown as LogOutputChannel, { replace: () => undefined } as unknown as ProblemList),
    extensionUri: Uri.file('/extension'),
    act: (action: RunAction, run) => {
      actions.push(`${action} ${run.identity.name}`);
      return Promise.resolve();
    },
  });
  return { webview, panel, store, actions, errors, dispose: () => store.dispose() };
}
