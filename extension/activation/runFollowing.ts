/** Finds the runs of the workspace and the queue when the window opens, and starts what waits for a free device. */
import { workspace, type Disposable } from 'vscode';
import type { Services } from './services.ts';

export function followRuns({ errors, store, discovery, queue, launcher }: Services): Disposable {
  const startWaiting = (): void => {
    if (workspace.isTrusted) void errors.guard(() => launcher.startWaiting());
  };
  void errors.guard(async () => {
    await Promise.all([queue.start(), discovery.scan()]);
    startWaiting();
  });
  return workspace.onDidGrantWorkspaceTrust(() => {
    void errors.guard(() => store.refreshKnown());
    startWaiting();
  });
}
