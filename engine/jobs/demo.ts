/** The whole journey on the embedded sample: evaluate, train, evaluate again, merge, verify. */
import { decoderOnly } from '../model/weights/anyWeights.ts';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../configuration/configurationFile.ts';
import type { CheckpointTokenizer } from '../checkpoint/tokenizer/tokenizer.ts';
import type { TokenizedExample } from '../data/tokenization.ts';
import { createDecoder } from '../inference/decoder.ts';
import type { RunConfiguration } from '../protocol/configuration/configuration.ts';
import { runFolderPath } from '../run/runName.ts';
import { withAdaptedWeights } from './answering/adaptedWeights.ts';
import { answerAccuracy, type AccuracyReport } from './answering/answerAccuracy.ts';
import type { DemoResult, Job } from './contract.ts';
import { mergeJob } from './merging/merge.ts';
import { prepareData } from './preparation/preparation.ts';
import { trainJob } from './training/train.ts';

const SAMPLE = join(import.meta.dirname, '..', '..', 'media', 'sample', 'support.neuroada.json');
/** Examples whose answers are shown before and after. */
const SHOWN = 3;

/** Writes into `runs` of the working folder. */
export const demoJob: Job<Record<string, never>, DemoResult> = async (_request, observer, signal) => {
  const onProgress = observer.onProgress ?? ((): void => undefined);
  const configuration = await loadConfiguration({ file: SAMPLE, folder: process.cwd() });
  const runFolder = runFolderPath(configuration, process.cwd(), Date.now());
  const prepared = await prepareData(configuration, Date.now(), onProgress, signal);
  await prepared.checkpoint.close();
  const { tokenizer, data } = prepared;
  const measure = async (phase: string, adapters: readonly string[]): Promise<AccuracyReport> => {
    onProgress({ phase, done: 0, total: 0 });
    return accuracyOf(configuration, adapters, tokenizer, data.evaluation.examples);
  };
  const before = await measure('answering held-out examples before training', []);
  const trained = await trainJob({ configuration, runFolder, resume: false }, observer, signal);
  const after = await measure('answering held-out examples after training', [trained.adapterFolder]);
  const mergedDir = `${runFolder}-merged`;
  const merged = await mergeJob(
    { adapters: [runFolder], output: mergedDir, dtype: 'base', allowOtherBase: false, verify: true },
    observer,
    signal,
  );
  return {
    accuracyBefore: before.accuracy,
    accuracyAfter: after.accuracy,
    trainableParameters: trained.trainableParameters,
    trainableShare: trained.trainableShare,
    mergedMaxLogitDifference: merged.maxLogitDifference ?? NaN,
    runDir: runFolder,
    mergedDir,
    generations: shownAnswers(before, after),
  };
};

async function accuracyOf(
  { base }: RunConfiguration,
  adapters: readonly string[],
  tokenizer: CheckpointTokenizer,
  examples: readonly TokenizedExample[],
): Promise<AccuracyReport> {
  return withAdaptedWeights(base, adapters, async (weights) => {
    const decoder = await createDecoder(decoderOnly(weights, base, 'generation'), { threads: availableParallelism() });
    const report = await answerAccuracy(decoder, tokenizer, examples);
    await decoder.release();
    return report;
  });
}

/** Examples spread over the held-out ones. */
function shownAnswers(before: AccuracyReport, after: AccuracyReport): DemoResult['generations'] {
  const stride = Math.max(1, Math.floor(before.answers.length / SHOWN));
  return before.answers
    .map((answer, index) => ({ prompt: answer.prompt, before: answer.found, after: after.answers[index]?.found ?? '' }))
    .filter((_, index) => index % stride === 0)
    .slice(0, SHOWN);
}
