/** Makes the tools known to the editor, under the names that package.json describes. */
import { lm, type Disposable } from 'vscode';
import { mergeAdapterTool } from './mergeAdapter.ts';
import { listRunsTool, runStatusTool } from './runQuestions.ts';
import { startTrainingRunTool } from './startTrainingRun.ts';
import { stopTrainingRunTool } from './stopTrainingRun.ts';
import type { ToolContext } from './toolContext.ts';

export function registerLanguageModelTools(context: ToolContext): Disposable[] {
  return [
    lm.registerTool('start_trainingRun', startTrainingRunTool(context)),
    lm.registerTool('list_runs', listRunsTool(context)),
    lm.registerTool('get_runStatus', runStatusTool(context)),
    lm.registerTool('stop_trainingRun', stopTrainingRunTool(context)),
    lm.registerTool('merge_adapter', mergeAdapterTool(context)),
  ];
}
