/** What a finished run measured, out of its folder. */
import { stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { median } from '../../comparison/spread.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { RunMeasures } from '../../protocol/comparison.ts';
import type { RunEvent } from '../../protocol/runs/events.ts';
import { ADAPTER_FILES, RUN_FILES } from '../../protocol/runs/runFolder.ts';
import { replayEvents } from '../../run/eventReader.ts';

export interface MeasuredRun {
  readonly measures: RunMeasures;
  readonly metric: string;
  readonly evaluationExamples: number;
  readonly learningRate: number;
  readonly trainableParameters: number;
}

/**
 * @param output folder of the comparison
 * @throws ExpectedError `comparison/notMeasured` where the log lacks an evaluation or its end
 */
export async function measuredRun(output: string, runFolder: string, seed: number): Promise<MeasuredRun> {
  const events = await replayEvents(join(runFolder, RUN_FILES.events));
  const result = events.findLast((event) => event.type === 'result');
  const plan = events.findLast((event) => event.type === 'plan');
  const selection = events.findLast((event) => event.type === 'selection');
  const evaluation = evaluationOf(events, result?.adapterStep);
  if (result === undefined || plan === undefined || selection === undefined || evaluation === undefined) {
    throw notMeasured(runFolder);
  }
  const exactMatch = evaluation.scores?.['exactMatch'];
  const metric = evaluation.chosenBy ?? (exactMatch === undefined ? 'loss' : 'exactMatch');
  const adapter = await stat(join(runFolder, RUN_FILES.adapter, ADAPTER_FILES.model));
  return {
    metric,
    evaluationExamples: evaluation.examples,
    learningRate: plan.learningRate,
    trainableParameters: selection.trainableParameters,
    measures: {
      seed,
      run: relative(output, runFolder).split(sep).join('/'),
      score: metric === 'loss' ? evaluation.loss : (evaluation.scores?.[metric] ?? NaN),
      evaluationLoss: evaluation.loss,
      ...(exactMatch === undefined ? {} : { exactMatch }),
      peakMemoryBytes: result.peakMemoryBytes,
      stepMs: median(events.flatMap((event) => (event.type === 'step' ? [event.stepMs] : []))),
      adapterBytes: adapter.size,
    },
  };
}

/** The evaluation of the step that became the adapter: the last one, unless the result says another. */
function evaluationOf(
  events: readonly RunEvent[],
  adapterStep: number | undefined,
): Extract<RunEvent, { type: 'evaluation' }> | undefined {
  const evaluations = events.filter((event) => event.type === 'evaluation');
  return adapterStep === undefined ? evaluations.at(-1) : evaluations.findLast(({ step }) => step === adapterStep);
}

function notMeasured(file: string): ExpectedError {
  return new ExpectedError(
    'comparison/notMeasured',
    'expected a finished run with an evaluation',
    'Remove its folder and compare again.',
    { file },
  );
}
