/** The Connections view's real host and engine over real files, shown in a browser instead of an editor. */
import { join } from 'node:path';
import type { LogOutputChannel } from 'vscode';
import { Uri } from 'vscode';
import { ConnectionsPanel } from '../../extension/connectionsView/connectionsPanel.ts';
import type { ConnectionsTarget } from '../../extension/connectionsView/connectionsSession.ts';
import type { ShownSources } from '../../extension/connectionsView/restoredSources.ts';
import { JobsEngine } from '../../extension/engine/jobsEngine.ts';
import { ErrorReport } from '../../extension/problems/errorReport.ts';
import type { ProblemList } from '../../extension/problems/problemList.ts';
import { RunStore } from '../../extension/runs/runStore.ts';
import { fakeWebviewPanel, type FakeWebviewPanel } from '../vscode/fakeWebviewPanel.ts';
import { WEBVIEW_ORIGIN } from '../webview/webviewPage.ts';

export interface ConnectionsHost {
  readonly webview: FakeWebviewPanel;
  readonly panel: ConnectionsPanel;
  readonly store: RunStore;
  /** What the host logged as errors. */
  readonly errors: string[];
  dispose(): void;
}

/** The engine's jobs process from source, as the extension starts its bundle. */
export function startEngine(): JobsEngine {
  const server = join(import.meta.dirname, '../../engine/server/main.ts');
  return new JobsEngine({ program: process.execPath, arguments: [server], environment: {} });
}

export async function connectionsHost(
  jobs: JobsEngine,
  target: ConnectionsTarget | ShownSources,
): Promise<ConnectionsHost> {
  const errors: string[] = [];
  const log = { error: (...parts: unknown[]) => errors.push(parts.join(' ')), warn: () => undefined };
  const store = new RunStore((_, error) => errors.push(String(error)));
  const shown: ConnectionsTarget = 'kind' in target ? target : { kind: 'sources', sources: target };
  for (const source of shown.kind === 'sources' ? shown.sources : [])
    if (source?.kind === 'run') await store.refresh(source.folder);
  const webview = fakeWebviewPanel(WEBVIEW_ORIGIN);
  const ports = {
    ...{ jobs, store, extensionUri: Uri.file('/extension') },
    report: new ErrorReport(log as unknown as LogOutputChannel, { replace: () => undefined } as unknown as ProblemList),
  };
  const panel = new ConnectionsPanel(webview.panel, shown, ports, false);
  return { webview, panel, store, errors, dispose: () => store.dispose() };
}
