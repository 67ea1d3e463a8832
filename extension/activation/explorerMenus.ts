/** Keeps the context keys of the explorer's menus true: for the files there are, and for what runs and merges make. */
import type { Disposable } from 'vscode';
import { join } from 'node:path';
import { RUN_FILES } from '../../engine/protocol/runFolder.ts';
import { ExplorerContext } from '../explorer/explorerContext.ts';
import { canMerge } from '../runs/run.ts';
import type { Services } from './services.ts';

export function registerExplorerMenus({ store, errors }: Services): Disposable[] {
  const context = new ExplorerContext();
  void errors.guard(() => context.scan());
  const changes = store.onDidChange(({ folders }) => {
    for (const folder of folders) {
      const run = store.get(folder);
      if (run !== undefined && canMerge(run)) context.note(join(folder, RUN_FILES.adapter));
      // A merged model appears whole, as a folder, which no watcher for its files sees.
      for (const { output } of run?.summary.merged ?? []) context.note(output);
    }
  });
  return [context, changes];
}
