/** `neuroada select`: the selection alone, with its statistics. */
import { resolve } from 'node:path';
import { loadSelectionConfiguration } from '../../configuration/configurationFile.ts';
import { SELECT_COMMAND_FLAGS } from '../configurationFlags.ts';
import { overridesOf, type TypedOptions } from '../configurationOverrides.ts';
import { selectionText } from '../eventText.ts';
import { execute, type Execution } from '../execution.ts';
import { loadJob } from '../jobs.ts';

export interface SelectOptions extends TypedOptions {
  readonly output: string;
}

export function select(execution: Execution, file: string | undefined, options: SelectOptions): Promise<number> {
  return execute(execution, async ({ observer, signal }) => {
    const overrides = overridesOf(options, SELECT_COMMAND_FLAGS);
    const configuration = await loadSelectionConfiguration({ file, overrides, folder: process.cwd() });
    const selectJob = await loadJob('select');
    const result = await selectJob({ configuration, output: resolve(options.output) }, observer, signal);
    const summary = selectionText(result);
    return {
      value: result,
      lines: [`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`, `Selection:  ${result.output}`],
    };
  });
}
