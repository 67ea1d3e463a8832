/** `neuroada export`, `neuroada import` and `neuroada diff`: adapters from and to elsewhere. */
import { resolve } from 'node:path';
import { resolveAdapterFolder } from '../../run/adapterLocation.ts';
import { execute, type Execution } from '../execution.ts';
import { loadJob } from '../jobs.ts';
import { counted, countText } from '../quantities.ts';

export interface ExportOptions {
  readonly output: string;
  readonly base?: string;
}

export interface ImportOptions {
  readonly output: string;
  readonly base?: string;
}

export interface DifferenceOptions {
  readonly output: string;
}

export function exportAdapter(execution: Execution, path: string, options: ExportOptions): Promise<number> {
  return execute(execution, async ({ observer, signal }) => {
    const adapter = await resolveAdapterFolder(path);
    const exportJob = await loadJob('export');
    const result = await exportJob({ adapter, ...places(options) }, observer, signal);
    const padding = result.padding === 0 ? '' : `, filled up with ${countText(result.padding)} zeros`;
    return {
      value: result,
      lines: [
        `Exported ${counted(result.entries, 'connection')} of ${counted(result.modules, 'module')}${padding}.`,
        `Adapter:  ${result.output}`,
      ],
    };
  });
}

export function importAdapter(execution: Execution, path: string, options: ImportOptions): Promise<number> {
  return execute(execution, async ({ observer, signal }) => {
    const importJob = await loadJob('import');
    const result = await importJob({ adapter: resolve(path), ...places(options) }, observer, signal);
    return {
      value: result,
      lines: [
        `Imported ${counted(result.entries, 'connection')} of ${counted(result.modules, 'module')}.`,
        `Adapter:  ${result.output}`,
      ],
    };
  });
}

export function difference(
  execution: Execution,
  base: string,
  tuned: string,
  { output }: DifferenceOptions,
): Promise<number> {
  return execute(execution, async ({ observer, signal }) => {
    const differenceJob = await loadJob('difference');
    const request = { base: resolve(base), tuned: resolve(tuned), output: resolve(output) };
    const result = await differenceJob(request, observer, signal);
    const replaced = result.replaced === 0 ? '' : `; ${countText(result.replaced)} of them are replaced as a whole`;
    return {
      value: result,
      lines: [
        `Found ${counted(result.entries, 'change')} in ${counted(result.parameters, 'parameter')}${replaced}.`,
        `Adapter:  ${result.output}`,
      ],
    };
  });
}

function places({ output, base }: ExportOptions): { readonly output: string; readonly base?: string } {
  return { output: resolve(output), ...(base === undefined ? {} : { base: resolve(base) }) };
}
