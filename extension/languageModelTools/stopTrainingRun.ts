/** The tool `stop_trainingRun`: saves a checkpoint and stops, after the user's consent. */
import { l10n, type LanguageModelTool } from 'vscode';
import { stopAndWait } from '../runActions/stopRun.ts';
import { runReport } from './runReport.ts';
import { jsonResult, namedRun, type ToolContext } from './toolContext.ts';

export function stopTrainingRunTool({ store, queueFolder }: ToolContext): LanguageModelTool<{ readonly run: string }> {
  return {
    prepareInvocation: ({ input }) => ({
      invocationMessage: l10n.t('Stopping the run "{0}"', input.run),
      confirmationMessages: {
        title: l10n.t('Stop Training Run'),
        message: l10n.t('Stop the run "{0}"? A checkpoint is saved first, and the run can be resumed.', input.run),
      },
    }),
    async invoke({ input }) {
      const run = namedRun(store, input.run);
      await stopAndWait(store, queueFolder, run);
      return jsonResult(runReport(namedRun(store, run.folder)));
    },
  };
}
