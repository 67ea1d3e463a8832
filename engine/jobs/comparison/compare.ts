/** Compares methods: trains each with each budget and seed in a process of its own, and writes what was measured. */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openCheckpoint } from '../../checkpoint/checkpoint.ts';
import { comparisonCharts } from '../../comparison/charts.ts';
import { comparisonCsv } from '../../comparison/csv.ts';
import { comparisonReport } from '../../comparison/report.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { writeFileAtomically } from '../../files/atomicFile.ts';
import { explainingErrors } from '../../files/systemError.ts';
import {
  COMPARISON_FILES,
  COMPARISON_SCHEMA_VERSION,
  type ComparedVariant,
  type CompareRequest,
  type CompareResult,
  type Comparison,
  type ModelMeasures,
} from '../../protocol/comparison.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { Job } from '../contract.ts';
import { readComparisonRequest, writeComparisonRequest } from './comparisonRequest.ts';
import { measureAll, type ScoredRun } from './comparedRuns.ts';
import { runInProcess } from './runProcess.ts';
import { comparedVariants, type Variant } from './variants.ts';

/**
 * Runs that are finished already are neither trained nor asked again, others are gone on with.
 * @throws ExpectedError `comparison/…`, `method/…`, and whatever makes a run fail; CancelledError
 */
export const compareJob: Job<CompareRequest, CompareResult> = async (request, observer, signal) => {
  const params = 'resume' in request ? await readComparisonRequest(request.resume) : request;
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
  await writeComparisonRequest(params);
  const onProgress = observer.onProgress ?? ((): void => undefined);
  const measured = await measureAll(variants, params, onProgress, signal);
  const [sample] = measured.values().next().value ?? [];
  if (sample === undefined) throw nothingToCompare();
  onProgress({ phase: 'scoring the base', done: 0, total: 0 });
  const { training } = first.configuration;
  // What is held out depends on the seed.
  const asFirst = { ...first.configuration, training: { ...training, seed: params.seeds[0] ?? training.seed } };
  const baseMeasures = isDecoder ? await measuresOfBase(asFirst, sample, signal) : undefined;
  const comparison: Comparison = {
    schemaVersion: COMPARISON_SCHEMA_VERSION,
    name: `Comparison: ${configuration.name ?? basename(configuration.base)}`,
    base: basename(configuration.base),
    metric: sample.metric,
    evaluationExamples: sample.evaluationExamples,
    questions: sample.questions,
    isChosenByQuestions: first.configuration.questions !== undefined,
    totalParameters: parameterCount,
    ...(baseMeasures === undefined ? {} : { baseMeasures }),
    variants: variants.map((variant) => comparedVariant(variant, measured.get(variant) ?? [], parameterCount)),
  };
  await writeComparison(output, comparison);
  return { output, report: join(output, COMPARISON_FILES.report), comparison };
};

async function measuresOfBase(
  configuration: RunConfiguration,
  { metric, baseScore }: ScoredRun,
  signal: AbortSignal,
): Promise<ModelMeasures> {
  const { loss, exactMatch } = await runInProcess({ kind: 'base', configuration }, () => undefined, signal);
  const { score, taskScores } = baseScore ?? { score: metric === 'loss' ? loss : exactMatch };
  return { score, ...(taskScores === undefined ? {} : { taskScores }), evaluationLoss: loss, exactMatch };
}

function comparedVariant(
  { label, method, k, rank, plan }: Variant,
  runs: readonly ScoredRun[],
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
