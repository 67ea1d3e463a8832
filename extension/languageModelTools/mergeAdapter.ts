/** The tool `merge_adapter`: merges a run's adapter into a copy of its base, verified, after the user's consent. */
import { isAbsolute } from 'node:path';
import { l10n, Uri, type LanguageModelTool } from 'vscode';
import { adapterOf } from '../merge/adapterSource.ts';
import { suggestOutput } from '../merge/mergeAdapters.ts';
import { mergeWords } from '../merge/mergeReport.ts';
import { abortSignal, jsonResult, namedRun, requireTrust, type ToolContext } from './toolContext.ts';

interface MergeInput {
  /** Name or folder of a run, or an adapter's folder. */
  readonly run: string;
  /** New folder, absolute; beside the base where absent. */
  readonly output?: string;
  readonly dtype?: 'base' | 'F32';
}

export function mergeAdapterTool({ store, jobs }: ToolContext): LanguageModelTool<MergeInput> {
  return {
    prepareInvocation: ({ input }) => ({
      invocationMessage: l10n.t('Merging the adapter of "{0}"', input.run),
      confirmationMessages: {
        title: l10n.t('Merge into Base Model'),
        message:
          input.output === undefined
            ? l10n.t('Merge the adapter of "{0}" into a new model beside its base?', input.run)
            : l10n.t('Merge the adapter of "{0}" into a new model in {1}?', input.run, input.output),
      },
    }),
    async invoke({ input }, token) {
      requireTrust();
      const folder = isAbsolute(input.run) ? input.run : namedRun(store, input.run).folder;
      const adapter = await adapterOf(Uri.file(folder));
      if (adapter === undefined) throw new Error(l10n.t('There is no adapter in {0}: has the run finished?', folder));
      const base = adapter.base;
      if (base === undefined) throw new Error(l10n.t('The base model of "{0}" is not where it was.', adapter.name));
      const output = input.output ?? suggestOutput(base, [adapter]);
      if (!isAbsolute(output)) throw new Error(l10n.t('Expected an absolute path, found {0}.', output));
      const params = { adapters: [adapter.folder], base, output, dtype: input.dtype ?? 'base', allowOtherBase: false };
      const result = await jobs.run('merge', params, abortSignal(token));
      return jsonResult({ ...result, inWords: mergeWords(result) });
    },
  };
}
