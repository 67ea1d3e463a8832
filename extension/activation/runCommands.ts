/** Commands about runs: on the selection of the view that they are called from, else on runs that the user picks. */
import { l10n, type Disposable } from 'vscode';
import type { RunActions } from '../runActions/runActions.ts';
import { canResume, isRunning, type Run } from '../runs/run.ts';
import { pickRun, pickRuns, runsOfSelection } from '../runsView/runChoice.ts';
import type { RunsView } from '../runsView/runsView.ts';
import { registerCommands, type CommandHandlers } from './commandRegistry.ts';
import type { Services } from './services.ts';

type Handler = CommandHandlers[string];

/** What a key binding of the view gives as its argument: it means the runs that are selected there. */
const SELECTED = 'selection';

export function registerRunCommands(services: Services, actions: RunActions, view: RunsView): Disposable[] {
  const { store, errors, discovery } = services;
  const named = (target: unknown, selection: unknown): Run[] | undefined =>
    target === SELECTED
      ? runsOfSelection(store, undefined, view.selection())
      : runsOfSelection(store, target, selection);
  const one = (title: string, isOffered: (run: Run) => boolean, act: (run: Run) => Promise<void>): Handler => {
    return async (target, selection) => {
      const run = named(target, selection)?.find(isOffered) ?? (await pickRun(store, title, isOffered));
      if (run !== undefined) await act(run);
    };
  };
  const several = (
    title: string,
    isOffered: (run: Run) => boolean,
    act: (runs: readonly Run[]) => Promise<void>,
  ): Handler => {
    return async (target, selection) => {
      const selected = named(target, selection)?.filter(isOffered);
      const runs = selected ?? (await pickRuns(store, title, isOffered, new Set()));
      if (runs !== undefined && runs.length > 0) await act(runs);
    };
  };
  return registerCommands(errors, {
    'neuroada.openProgress': one(l10n.t('Open Progress'), isAny, (run) => actions.open([run])),
    'neuroada.stopRun': several(l10n.t('Stop Run'), isStoppable, (runs) => actions.stop(runs)),
    'neuroada.resumeRun': several(l10n.t('Resume Run'), isResumable, (runs) => actions.resume(runs)),
    'neuroada.runAgain': one(l10n.t('Run Again'), isConfigured, (run) => actions.runAgain(run)),
    'neuroada.duplicateConfiguration': one(l10n.t('Duplicate Configuration'), isConfigured, (run) =>
      actions.duplicateConfiguration(run),
    ),
    'neuroada.renameRun': one(l10n.t('Rename Run'), isAny, (run) => actions.rename(run)),
    'neuroada.compareRuns': several(l10n.t('Compare Runs'), isAny, (runs) => actions.open(runs)),
    'neuroada.revealRun': one(l10n.t('Reveal Run Folder'), isAny, (run) => actions.reveal(run)),
    'neuroada.copyCliCommand': one(l10n.t('Copy CLI Command'), isConfigured, (run) => actions.copyCliCommand(run)),
    'neuroada.openLog': one(l10n.t('Open Log'), isAny, (run) => actions.openLog(run)),
    'neuroada.deleteRun': several(l10n.t('Delete Runs'), isAny, (runs) => actions.delete(runs)),
    'neuroada.moveRunUp': one(l10n.t('Start Earlier'), isQueued, (run) => actions.move(run, -1)),
    'neuroada.refreshRuns': () => discovery.scan(),
    'neuroada.showLog': () => {
      errors.log.show();
      return Promise.resolve();
    },
    'neuroada.moveRunDown': one(l10n.t('Start Later'), isQueued, (run) => actions.move(run, 1)),
  });
}

const isAny = (): boolean => true;

const isQueued = (run: Run): boolean => run.queued !== undefined;

const isStoppable = (run: Run): boolean => isRunning(run) || isQueued(run);

const isResumable = (run: Run): boolean => canResume(run) && !isQueued(run);

const isConfigured = (run: Run): boolean => run.identity.configuration !== undefined;
