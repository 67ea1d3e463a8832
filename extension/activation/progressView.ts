/** The progress views and the actions on runs, which show each other. */
import { createProgressPanels, type ProgressPanels } from '../progressView/progressPanels.ts';
import { RunActions } from '../runActions/runActions.ts';
import type { Services } from './services.ts';

export interface ProgressView {
  readonly panels: ProgressPanels;
  readonly actions: RunActions;
}

export function createProgressView(services: Services): ProgressView {
  const { context, store, errors } = services;
  const panels = createProgressPanels({
    store,
    report: errors,
    extensionUri: context.extensionUri,
    act: (action, run) => actions.act(action, run),
  });
  const actions = new RunActions({
    ...services,
    extensionFolder: context.extensionPath,
    openProgress: (folders) => {
      panels.open(folders);
    },
  });
  return { panels, actions };
}
