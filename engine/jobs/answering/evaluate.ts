/** Evaluates a model, with and without what tuned it: asks, scores, keeps every answer, and tells the run's log. */
import { basename, extname, join, relative, resolve, sep } from 'node:path';
import { dataFingerprint } from '../../data/fingerprint.ts';
import { ExpectedError } from '../../errors/expected.ts';
import {
  openEvaluationFolder,
  type EvaluationFolder,
  type EvaluationIdentity,
} from '../../evaluation/evaluationFolder.ts';
import type { EvaluationSet } from '../../evaluation/evaluationSet.ts';
import { mainMetric } from '../../evaluation/sideScores.ts';
import { evaluationSummary } from '../../evaluation/summary.ts';
import { isEncoder } from '../../model/weights/anyWeights.ts';
import type { EvaluateParams, EvaluateResult, EvaluationSummary } from '../../protocol/answers/evaluation.ts';
import { ADAPTER_FILES, RUN_FILES } from '../../protocol/runs/runFolder.ts';
import { checkpointTensorsFile, stepOfCheckpoint } from '../../run/checkpointStore.ts';
import { summarizeRun } from '../../run/runOverview.ts';
import { openRun } from '../../run/runSession.ts';
import { readRunRecord } from '../../run/runRecord.ts';
import type { Job } from '../contract.ts';
import { locateModel, type ModelLocation } from './modelLocation.ts';
import { evaluateTexts } from './evaluateTexts.ts';
import { evaluationSets } from './evaluationSets.ts';
import { Interviewer } from './interviewer.ts';
import { openModel, type OpenedModel } from './openedModel.ts';
import type { TextSet } from './textSets.ts';

/**
 * Cancelling keeps the answers so far: the same request goes on from them.
 * @throws ExpectedError `evaluation/…`, `data/…`, `run/…`, `adapter/…`, `checkpoint/…`
 */
export const evaluateJob: Job<EvaluateParams, EvaluateResult> = async (params, observer, signal) => {
  const onProgress = observer.onProgress ?? ((): void => undefined);
  const location = await locateModel(params);
  const parent = evaluationsFolder(params, location);
  if (location.runFolder !== undefined) await refuseDriven(location.runFolder);
  onProgress({ phase: 'loading the model', done: 0, total: 0 });
  const model = await openModel(location, await templateTime(location));
  const openFolder = async (set: AskedSet): Promise<EvaluationFolder> =>
    openEvaluationFolder(
      parent,
      evaluationName(set, params, location),
      await identityOf(set, params, location, model),
      params.isReused,
    );
  const interviewer = new Interviewer(model, params, onProgress, signal);
  try {
    if (isEncoder(model.weights)) {
      const hooks = {
        onProgress,
        openFolder: ({ name, file }: TextSet, scoring: string) =>
          openFolder({ task: name, scoring, file, maxNewTokens: 0 }),
        record: (folder: EvaluationFolder, summary: EvaluationSummary) => recordEvaluation(location, folder, summary),
      };
      return await evaluateTexts(params, model, location.base, location.runFolder, hooks, signal);
    }
    const record = location.runFolder === undefined ? undefined : await readRunRecord(location.runFolder);
    const { sets, missing } = await evaluationSets(params, model.tokenizer, record?.configuration.data);
    const evaluations: { folder: string; summary: EvaluationSummary }[] = [];
    for (const set of sets) {
      const folder = await openFolder(set);
      try {
        const summary = await evaluateSet(set, folder, params, interviewer, model);
        if (!folder.isFinished) await recordEvaluation(location, folder, summary);
        evaluations.push({ folder: folder.path, summary });
      } finally {
        folder.close();
      }
    }
    return { evaluations, missing };
  } finally {
    await interviewer.release();
    await model.release();
  }
};

/** What names an evaluation. */
type AskedSet = Pick<EvaluationSet, 'task' | 'scoring' | 'file' | 'maxNewTokens'>;

async function evaluateSet(
  set: EvaluationSet,
  folder: EvaluationFolder,
  params: EvaluateParams,
  interviewer: Interviewer,
  model: OpenedModel,
): Promise<EvaluationSummary> {
  const start = performance.now();
  const answers = [...folder.answers];
  const sides = model.sides.filter((side) => side === model.sides.at(-1) || params.includesBase);
  for (const side of sides) {
    const known = answers.filter((answer) => answer.side === side).map(({ index }) => index);
    await interviewer.ask(set, side, new Set(known), (answer) => {
      answers.push(answer);
      folder.append(answer);
    });
  }
  const { task, scoring } = set;
  const about = { name: folder.name, task, scoring, method: params.method, metric: mainMetric(scoring) };
  const summary = evaluationSummary(about, answers, performance.now() - start);
  if (!folder.isFinished) await folder.finish(summary);
  return summary;
}

function evaluationsFolder({ output }: EvaluateParams, { runFolder }: ModelLocation): string {
  if (output !== undefined) return resolve(output);
  if (runFolder !== undefined) return join(runFolder, RUN_FILES.evaluations);
  throw new ExpectedError(
    'evaluation/noOutput',
    'the model is no run, whose folder would keep the results',
    'Name a folder for evaluations (--output).',
  );
}

/** Scorings that need no mention in the name. */
const USUAL_SCORINGS: readonly string[] = ['task', 'exact', 'classification', 'regression'];

/** The task or file, with the step where a run's checkpoint is evaluated, and with what is not the usual way of scoring. */
function evaluationName(
  { task, scoring }: AskedSet,
  { name, method }: EvaluateParams,
  { tuning }: ModelLocation,
): string {
  const step = tuning?.kind === 'trainingCheckpoint' ? [basename(tuning.folder)] : [];
  const way = [...(USUAL_SCORINGS.includes(scoring) ? [] : [scoring]), ...(method === 'likelihood' ? [method] : [])];
  const parts = [name ?? basename(task, extname(task)), ...step, ...way];
  return parts.join('-').replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
}

async function identityOf(
  { task, scoring, file, maxNewTokens }: AskedSet,
  { method, limit, includesBase, maxNewTokens: asked }: EvaluateParams,
  { base, tuning, runFolder }: ModelLocation,
  { fingerprint }: OpenedModel,
): Promise<EvaluationIdentity> {
  const step = tuning?.kind === 'trainingCheckpoint' ? stepOfCheckpoint(basename(tuning.folder)) : undefined;
  const tensors =
    tuning === undefined
      ? undefined
      : step === undefined || runFolder === undefined
        ? join(tuning.folder, ADAPTER_FILES.model)
        : checkpointTensorsFile(runFolder, step);
  return {
    ...{ schemaVersion: 1, task, scoring, method, includesBase, limit: limit ?? null },
    maxNewTokens: asked ?? maxNewTokens,
    data: { path: file, fingerprint: { ...(await dataFingerprint(file)) } },
    base: { path: base, fingerprint: { ...fingerprint } },
    tuning: tensors === undefined ? null : { path: tensors, fingerprint: { ...(await dataFingerprint(tensors)) } },
  };
}

async function refuseDriven(runFolder: string): Promise<void> {
  const { process: driver } = await summarizeRun(runFolder);
  if (driver === undefined) return;
  throw new ExpectedError(
    'evaluation/runInProgress',
    `process ${String(driver.pid)} on ${driver.host} drives the run`,
    'Wait until it has ended, or stop it; evaluations during training are asked for in the configuration.',
    { file: runFolder },
  );
}

async function templateTime({ runFolder }: ModelLocation): Promise<Date> {
  return runFolder === undefined ? new Date() : new Date((await readRunRecord(runFolder)).createdTime);
}

/** Tells the run's log, where the results are in the run's folder. */
async function recordEvaluation(
  { runFolder, tuning }: ModelLocation,
  { path, name }: EvaluationFolder,
  { task, metric, sides, examples }: EvaluationSummary,
): Promise<void> {
  const score = sides.tuned?.scores[metric];
  if (runFolder === undefined || score === undefined) return;
  const inside = relative(runFolder, path);
  if (inside.startsWith('..')) return;
  const step = tuning?.kind === 'trainingCheckpoint' ? stepOfCheckpoint(basename(tuning.folder)) : undefined;
  const baseValue = sides.base?.scores[metric]?.value;
  const session = await openRun(runFolder);
  session.append({
    ...{ type: 'evaluated', name, path: inside.split(sep).join('/'), task, metric, examples },
    ...{ value: score.value, low: score.interval.low, high: score.interval.high },
    ...(step === undefined ? {} : { step }),
    ...(baseValue === undefined ? {} : { baseValue }),
  });
  await session.close();
}
