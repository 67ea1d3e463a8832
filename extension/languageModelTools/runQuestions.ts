/** The tools that only look: `list_runs` and `get_runStatus`. */
import { l10n, type LanguageModelTool } from 'vscode';
import { detailedRunReport, runReport } from './runReport.ts';
import { jsonResult, namedRun, type ToolContext } from './toolContext.ts';

export function listRunsTool({ store }: ToolContext): LanguageModelTool<Record<string, never>> {
  return {
    prepareInvocation: () => ({ invocationMessage: l10n.t('Listing training runs') }),
    invoke: () => jsonResult({ runs: store.list().map(runReport) }),
  };
}

export function runStatusTool({ store }: ToolContext): LanguageModelTool<{ readonly run: string }> {
  return {
    prepareInvocation: ({ input }) => ({ invocationMessage: l10n.t('Looking at the run "{0}"', input.run) }),
    async invoke({ input }) {
      const { folder } = namedRun(store, input.run);
      await store.refresh(folder);
      await store.complete(folder);
      return jsonResult(detailedRunReport(namedRun(store, folder)));
    },
  };
}
