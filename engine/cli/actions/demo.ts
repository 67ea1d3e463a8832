/** `neuroada demo`: the whole way from selection to merged model on the embedded sample. */
import type { DemoResult } from '../../jobs/contract.ts';
import { execute, type Execution } from '../execution.ts';
import { loadJob } from '../jobs.ts';
import { countText, shareText, smallText } from '../quantities.ts';
import { tableLines } from '../table.ts';

export function demo(execution: Execution): Promise<number> {
  return execute(execution, async ({ observer, signal }) => {
    const demoJob = await loadJob('demo');
    const result = await demoJob({}, observer, signal);
    return { value: result, lines: demoLines(result) };
  });
}

function demoLines(result: DemoResult): readonly string[] {
  const { accuracyBefore, accuracyAfter, trainableParameters, trainableShare, mergedMaxLogitDifference } = result;
  return [
    ...result.generations.flatMap(({ prompt, before, after }) => [
      `Prompt:  ${JSON.stringify(prompt)}`,
      `  before:  ${JSON.stringify(before)}`,
      `  after:   ${JSON.stringify(after)}`,
    ]),
    ...tableLines([
      ['Held-out accuracy', `${shareText(accuracyBefore)} before, ${shareText(accuracyAfter)} after`],
      ['Trained', `${countText(trainableParameters)} parameters, ${shareText(trainableShare)}`],
      ['Merged', `logits differ from base + adapter by at most ${smallText(mergedMaxLogitDifference)}`],
      ['Run', result.runDir],
      ['Merged model', result.mergedDir],
    ]),
  ];
}
