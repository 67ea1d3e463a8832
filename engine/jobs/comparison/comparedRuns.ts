/** The runs of a comparison, one after the other: each is trained, and then asked the questions where there are some. */
import { join } from 'node:path';
import { CancelledError, ExpectedError } from '../../errors/expected.ts';
import type { MeanScore } from '../../evaluation/meanScore.ts';
import { systemErrorCode } from '../../files/systemError.ts';
import { COMPARISON_FILES, type AskedQuestions, type CompareParams } from '../../protocol/comparison.ts';
import type { EvaluateParams } from '../../protocol/answers/evaluation.ts';
import type { JobProgress } from '../../protocol/rpc.ts';
import { summarizeRun } from '../../run/runOverview.ts';
import { measuredRun, type MeasuredRun } from './measures.ts';
import { askingOf, questionScores } from './questionScores.ts';
import { runInProcess } from './runProcess.ts';
import type { Variant } from './variants.ts';

export interface ScoredRun extends MeasuredRun {
  readonly questions: readonly AskedQuestions[];
  /** Of the base, where this run's questions were put to it as well. */
  readonly baseScore: MeanScore | undefined;
}

/** Told how much of a piece of work is done, from 0 to 1. */
type OnShare = (share: number) => void;

/** @throws whatever makes a run fail; CancelledError */
export async function measureAll(
  variants: readonly Variant[],
  { output, seeds, configuration }: CompareParams,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<Variant, readonly ScoredRun[]>> {
  const { questions } = configuration;
  const measured = new Map<Variant, ScoredRun[]>(variants.map((variant) => [variant, []]));
  const steps = questions === undefined ? 1 : 2;
  const total = variants.length * seeds.length * steps;
  let done = 0;
  const step = async <T>(phase: string, work: (onShare: OnShare) => Promise<T>): Promise<T> => {
    if (signal.aborted) throw new CancelledError();
    const result = await work((share) => {
      onProgress({ phase, done: Math.round((done + share) * 100), total: total * 100 });
    });
    done += 1;
    return result;
  };
  // Seed by seed, so that a comparison that is stopped has whole rows of methods.
  for (const seed of seeds) {
    for (const variant of variants) {
      const runFolder = join(output, COMPARISON_FILES.runs, runName(variant, seed));
      const name = `${variant.label}, seed ${String(seed)}`;
      await step(`training ${name}`, (onShare) => trainOnce(variant, seed, runFolder, signal, onShare));
      const run = await measuredRun(output, runFolder, seed);
      // The base is the same beside every run: it is asked once.
      const asking = questions === undefined ? undefined : askingOf(questions, runFolder, done === 1);
      measured
        .get(variant)
        ?.push(
          asking === undefined
            ? { ...run, questions: [], baseScore: undefined }
            : await step(`asking ${name}`, (onShare) => askOnce(run, asking, signal, onShare)),
        );
    }
  }
  return measured;
}

async function trainOnce(
  { configuration, label }: Variant,
  seed: number,
  runFolder: string,
  signal: AbortSignal,
  onShare: OnShare,
): Promise<void> {
  const status = await statusOf(runFolder);
  onShare(status === 'finished' ? 1 : 0);
  if (status === 'finished') return;
  await runInProcess(
    {
      kind: 'run',
      configuration: {
        ...configuration,
        name: `${label}, seed ${String(seed)}`,
        training: { ...configuration.training, seed },
      },
      runFolder,
      resume: status !== undefined,
    },
    (step, totalSteps) => {
      onShare(step / totalSteps);
    },
    signal,
  );
}

async function askOnce(
  run: MeasuredRun,
  params: EvaluateParams,
  signal: AbortSignal,
  onShare: OnShare,
): Promise<ScoredRun> {
  const onProgress = (done: number, total: number): void => {
    onShare(total === 0 ? 0 : done / total);
  };
  const result = await runInProcess({ kind: 'questions', params }, onProgress, signal);
  const { questions, tuned, base } = questionScores(result);
  const { metric, ...score } = tuned;
  return { ...run, metric, questions, measures: { ...run.measures, ...score }, baseScore: base };
}

async function statusOf(runFolder: string): Promise<string | undefined> {
  try {
    return (await summarizeRun(runFolder)).summary.status;
  } catch (error) {
    const cause = error instanceof ExpectedError ? error.cause : error;
    if (systemErrorCode(cause) === 'ENOENT' || systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A folder's name without anything that a file system might not take. */
function runName({ method, k, rank }: Variant, seed: number): string {
  const budget = k === null ? (rank === null ? '' : `-r${String(rank)}`) : `-k${String(k)}`;
  return `${method}${budget}-seed${String(seed)}`;
}
