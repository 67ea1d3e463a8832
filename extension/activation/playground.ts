/** "Try Model": on runs and their parts, on files and folders of the explorer, or on what the user picks. */
import { Uri, type Disposable } from 'vscode';
import { chooseModel, modelAt } from '../playground/modelChoice.ts';
import { createPlaygroundPanels } from '../playground/playgroundPanels.ts';
import type { RunNode } from '../runsView/runNodes.ts';
import { registerCommands } from './commandRegistry.ts';
import type { Services } from './services.ts';

export function createPlayground({ context, errors, jobs, store }: Services): Disposable[] {
  const panels = createPlaygroundPanels({
    engine: jobs,
    report: errors,
    extensionUri: context.extensionUri,
    chooseModel: () => chooseModel(store),
  });
  return [
    panels,
    ...registerCommands(errors, {
      'neuroada.tryModel': async (target) => {
        const path = pathOf(target);
        const model = path === undefined ? await chooseModel(store) : await modelAt(path);
        if (model !== undefined) panels.open(model);
      },
    }),
  ];
}

/** The path that a menu called the command on: a resource of the explorer, or a node of the runs view. */
function pathOf(target: unknown): string | undefined {
  if (target instanceof Uri) return target.fsPath;
  if (!isNode(target)) return undefined;
  return target.kind === 'part' ? target.part.path : target.folder;
}

function isNode(target: unknown): target is RunNode {
  return typeof target === 'object' && target !== null && 'kind' in target && 'folder' in target;
}
