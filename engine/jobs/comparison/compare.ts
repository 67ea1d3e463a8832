/** Compares methods: trains each with each budget and seed in a process of its own, and writes what was measured. */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openCheckpoint } from '../../checkpoint/checkpoint.ts';
import { comparisonCharts } from '../../comparison/charts.ts';
import { comparisonCsv, comparisonReport } from '../../comparison/report.ts';
import { CancelledError, ExpectedError } from '../../errors/expected.ts';
import { writeFileAtomically } from '../../files/atomicFile.ts';
import { explainingErrors, systemErrorCode } from '../../files/systemError.ts';
import {
  COMPARISON_FILES,
  COMPARISON_SCHEMA_VERSION,
  type ComparedVariant,
  type CompareParams,
  type CompareResult,
  type Comparison,
} from '../../protocol/comparison.ts';
import type { JobProgress } from '../../protocol/rpc.ts';
import { summarizeRun } from '../../run/runOverview.ts';
import type { Job } from '../contract.ts';
import { measuredRun, type MeasuredRun } from './measures.ts';
import { runInProcess } from './runProcess.ts';
import { comparedVariants, type Variant } from './variants.ts';

/**
 * Runs that are finished already are not trained again, others are gone on with.
 * @throws ExpectedError `comparison/…`, `method/…`, and whatever makes a run fail; CancelledError
 */
export const compareJob: Job<CompareParams, CompareResult> = async (params, observer, signal) => {
  const { output, configuration } = params;
  const checkpoint = await openCheckpoint(configuration.base);
  const { parameterCount } = checkpoint;
  const isDecoder = checkpoint.config.family === 'decoder';
  const variants = await Promise.resolve()
    .then(() => comparedVariants(checkpoint, params))
    .finally(() => checkpoint.close());
  const [first] = variants;
  if (first === undefined) throw nothingToCompare();
  await explainingErrors(output, () => mkdir(join(output, COMPARISON_FILES.runs), { recursive: true }));
  const onProgress = observer.onProgress ?? ((): void => undefined);
  const measured = await trainAll(variants, params, onProgress, signal);
  onProgress({ phase: 'scoring the base', done: 0, total: 0 });
  const base = { kind: 'base', configuration: first.configuration } as const;
  const baseScore = isDecoder ? await runInProcess(base, () => undefined, signal) : undefined;
  const [sample] = measured.values().next().value ?? [];
  if (sample === undefined) throw nothingToCompare();
  const comparison: Comparison = {
    schemaVersion: COMPARISON_SCHEMA_VERSION,
    name: `Comparison: ${configuration.name ?? basename(configuration.base)}`,
    base: basename(configuration.base),
    metric: sample.metric,
    evaluationExamples: sample.evaluationExamples,
    totalParameters: parameterCount,
    ...(baseScore === undefined ? {} : { baseScore }),
    variants: variants.map((variant) => comparedVariant(variant, measured.get(variant) ?? [], parameterCount)),
  };
  await writeComparison(output, comparison);
  return { output, report: join(output, COMPARISON_FILES.report), comparison };
};

async function trainAll(
  variants: readonly Variant[],
  { output, seeds }: CompareParams,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<Variant, readonly MeasuredRun[]>> {
  const measured = new Map<Variant, MeasuredRun[]>(variants.map((variant) => [variant, []]));
  const total = variants.length * seeds.length;
  let done = 0;
  // Seed by seed, so that a comparison that is stopped has whole rows of methods.
  for (const seed of seeds) {
    for (const variant of variants) {
      if (signal.aborted) throw new CancelledError();
      const runFolder = join(output, COMPARISON_FILES.runs, runName(variant, seed));
      const phase = `training ${variant.label}, seed ${String(seed)}`;
      await trainOnce(variant, seed, runFolder, signal, (share) => {
        onProgress({ phase, done: Math.round((done + share) * 100), total: total * 100 });
      });
      measured.get(variant)?.push(await measuredRun(output, runFolder, seed));
      done += 1;
    }
  }
  return measured;
}

async function trainOnce(
  { configuration, label }: Variant,
  seed: number,
  runFolder: string,
  signal: AbortSignal,
  onShare: (share: number) => void,
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

function comparedVariant(
  { label, method, k, rank, plan }: Variant,
  runs: readonly MeasuredRun[],
  parameterCount: number,
): ComparedVariant {
  const trainableParameters = runs[0]?.trainableParameters ?? plan.trainableParameters;
  return {
    ...{ label, method, k, rank, trainableParameters },
    trainableShare: trainableParameters / parameterCount,
    learningRate: runs[0]?.learningRate ?? NaN,
    runs: runs.map(({ measures }) => measures),
  };
}

/** The report comes last: it tells that the rest is there. */
async function writeComparison(output: string, comparison: Comparison): Promise<void> {
  const charts = comparisonCharts(comparison);
  const write = (name: string, content: string): Promise<void> => writeFileAtomically(join(output, name), content);
  await write(COMPARISON_FILES.numbers, `${JSON.stringify(comparison, null, 2)}\n`);
  await write(COMPARISON_FILES.table, comparisonCsv(comparison));
  for (const { file, svg } of charts) await write(file, svg);
  await write(COMPARISON_FILES.report, comparisonReport(comparison, charts));
}

function nothingToCompare(): ExpectedError {
  return new ExpectedError(
    'comparison/nothing',
    'expected at least one method and one seed, found none',
    'Name methods such as neuroada, lora and full, and seeds such as 1, 2 and 3.',
  );
}
