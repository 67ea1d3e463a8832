/**
 * The explorer's menus: commands whose titles say whose they are, and context keys that are kept true for the files there
 * are, and for what runs and merges make.
 */
import { commands, type Disposable } from 'vscode';
import { join } from 'node:path';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import { ExplorerContext } from '../explorer/explorerContext.ts';
import { canMerge } from '../runs/run.ts';
import type { Services } from './services.ts';

/** Commands that the explorer offers as `neuroada.explorer.*`: a menu shows no category. */
const OFFERED = ['startTraining', 'startFromConfiguration', 'estimate', 'merge', 'inspectConnections', 'tryModel'];

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
  const offers = OFFERED.map((name) =>
    commands.registerCommand(`neuroada.explorer.${name}`, (...targets: unknown[]) =>
      commands.executeCommand(`neuroada.${name}`, ...targets),
    ),
  );
  return [context, changes, ...offers];
}
