/** "Evaluate Model" on runs, and the documents that show what came out. */
import { l10n, type Disposable } from 'vscode';
import { evaluateRun } from '../evaluation/evaluateModel.ts';
import { openEvaluation, registerEvaluationDocuments } from '../evaluation/evaluationDocuments.ts';
import { canMerge } from '../runs/run.ts';
import { pickRun, runsOfSelection } from '../runsView/runChoice.ts';
import { registerCommands } from './commandRegistry.ts';
import type { Services } from './services.ts';

export function registerEvaluations({ errors, jobs, store }: Services): Disposable[] {
  return [
    registerEvaluationDocuments(),
    ...registerCommands(errors, {
      'neuroada.evaluate': async (target, selection) => {
        const [selected] = runsOfSelection(store, target, selection)?.filter(canMerge) ?? [];
        const run = selected ?? (await pickRun(store, l10n.t('Evaluate Model'), canMerge));
        if (run !== undefined && (await evaluateRun(jobs, run))) await store.refresh(run.folder);
      },
      'neuroada.openEvaluation': async (target) => {
        if (typeof target === 'string') await openEvaluation(target);
      },
    }),
  ];
}
