/** "Merge into Base Model": on runs of the view, on files and folders of the explorer, or on what the user picks. */
import { Uri, type Disposable } from 'vscode';
import { chooseAdapters } from '../merge/adapterChoice.ts';
import { mergeResources } from '../merge/mergeAdapters.ts';
import { canMerge } from '../runs/run.ts';
import { runsOfSelection } from '../runsView/runChoice.ts';
import { registerCommands } from './commandRegistry.ts';
import type { Services } from './services.ts';

export function registerMergeCommands({ errors, jobs, store }: Services): Disposable[] {
  return registerCommands(errors, {
    'neuroada.merge': async (target, selection) => {
      const runs = runsOfSelection(store, target, selection)?.filter(canMerge);
      const ofRuns = runs?.map(({ folder }) => Uri.file(folder));
      const resources = ofRuns ?? resourcesOf(target, selection) ?? (await chooseAdapters(store));
      if (resources === undefined) return;
      for (const folder of await mergeResources(jobs, resources)) await store.refresh(folder);
    },
  });
}

/** What the explorer calls a command on; undefined where it was called from elsewhere. */
function resourcesOf(target: unknown, selection: unknown): Uri[] | undefined {
  const selected = Array.isArray(selection) ? selection.filter((entry) => entry instanceof Uri) : [];
  if (selected.length > 0) return selected;
  return target instanceof Uri ? [target] : undefined;
}
