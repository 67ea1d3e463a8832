/** Trains a run, new or resumed, and keeps its log: every way that it can end is the last status in its folder. */
import { join } from 'node:path';
import type { EncoderConfig } from '../../checkpoint/config/encoderConfig.ts';
import { CancelledError, ExpectedError } from '../../errors/expected.ts';
import { trainedHeadTensors } from '../../model/weights/encoderWeights.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import { RUN_FILES, type RunRecord } from '../../protocol/runs/runFolder.ts';
import type { JobProgress } from '../../protocol/rpc.ts';
import { runName } from '../../run/runName.ts';
import { createRun, readRunRecord } from '../../run/runRecord.ts';
import { openRun, type RunSession } from '../../run/runSession.ts';
import { processMemory } from '../../runtime/memory.ts';
import type { Job, TrainRequest, TrainResult } from '../contract.ts';
import { refuseOnDevice } from '../preparation/deviceSettling.ts';
import { planMethod } from '../preparation/methodPlan.ts';
import { fingerprints, prepareData, type PreparedData } from '../preparation/preparation.ts';
import { PRODUCT_VERSION } from '../productVersion.ts';
import {
  chooseTrainable,
  finishedChoice,
  selectionEvent,
  type TrainableChoice,
} from '../preparation/trainableChoice.ts';
import { writeRunLabels } from '../answering/tunedLabels.ts';
import { driveTraining } from './driveTraining.ts';
import type { TrainingOutcome } from './trainingRun.ts';

/**
 * @throws ExpectedError what keeps the run from training; where the run exists already, its log ends with that failure
 */
export const trainJob: Job<TrainRequest, TrainResult> = async (request, observer, signal) => {
  const { runFolder, resume, device } = request;
  const record = resume ? await readRunRecord(runFolder) : undefined;
  const configuration = record?.configuration ?? request.configuration;
  const createdTime = record?.createdTime ?? Date.now();
  const onProgress = (progress: JobProgress): void => observer.onProgress?.(progress);
  const { engine, method } = configuration;
  // Another device than the run's own goes on in what it computes.
  refuseOnDevice(method, device ?? engine.device, device === undefined ? engine.precision : 'float32');
  const prepared = await prepareData(configuration, createdTime, onProgress, signal);
  try {
    planMethod(prepared.checkpoint, configuration);
    const identities = await fingerprints(configuration, prepared);
    if (record === undefined) await createRunFolder(runFolder, configuration, createdTime, identities);
    else refuseChanged(record, identities);
    await writeRunLabels(runFolder, prepared.checkpoint);
    const session = await openRun(runFolder, {
      onEvent: (event) => {
        observer.onEvent(event);
      },
    });
    return await endingIn(session, async () => {
      reportWarnings(session, prepared);
      const choice = await choiceOf(session, prepared, onProgress, signal);
      return driveTraining(session, prepared, choice, request, onProgress, signal);
    });
  } finally {
    await prepared.checkpoint.close();
  }
};

async function createRunFolder(
  runFolder: string,
  configuration: RunConfiguration,
  createdTime: number,
  identities: Pick<RunRecord, 'base' | 'data'>,
): Promise<void> {
  const run = {
    name: runName(configuration, createdTime),
    productVersion: PRODUCT_VERSION,
    configuration,
    ...identities,
  };
  await createRun(runFolder, run, createdTime);
}

/** A resumed run must see the base and the data that it began with. */
function refuseChanged(record: RunRecord, found: Pick<RunRecord, 'base' | 'data'>): void {
  const changed = (file: string): ExpectedError =>
    new ExpectedError(
      'run/changedInput',
      'the content is not the one that the run began with',
      'Restore it, or start a new run.',
      { file },
    );
  if (record.base.fingerprint.value !== found.base.fingerprint.value) throw changed(record.base.path);
  const before = new Map(record.data.map(({ path, fingerprint }) => [path, fingerprint.value]));
  for (const { path, fingerprint } of found.data) if (before.get(path) !== fingerprint.value) throw changed(path);
}

function reportWarnings(session: RunSession, { checkpoint, data }: PreparedData): void {
  const { truncated, skipped, withoutLabels, incomplete } = data.train.report;
  const counts = [
    [truncated, 'were cut to data.maxLength'],
    [skipped, 'were left out because they are longer than data.maxLength'],
    [withoutLabels, 'were left out because no token of the answer lies within data.maxLength'],
    [incomplete, 'were left out because a text or the label is missing'],
  ] as const;
  const warnings = counts
    .filter(([count]) => count > 0)
    .map(([count, text]) => `${String(count)} training examples ${text}`);
  for (const text of [...checkpoint.warnings, ...warnings]) session.append({ type: 'message', level: 'warning', text });
  const { config } = checkpoint;
  if (config.family === 'encoder') session.append({ type: 'message', level: 'info', text: classifierText(config) });
}

/** What an encoder predicts, and which head does so: it is trained as a whole, beside what is selected. */
function classifierText(config: EncoderConfig): string {
  const { problem, labels } = config.classifier;
  const own = config.naming.hasClassifier ? "the checkpoint's own classifier" : 'a new classifier';
  const count = trainedHeadTensors(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const predicted = problem === 'regression' ? 'a number' : labels.join(', ');
  return `${own} predicts ${predicted}: its ${String(count)} parameters are trained as a whole, beside those selected`;
}

/** What is trained as the run folder has it, or chosen anew. */
async function choiceOf(
  session: RunSession,
  prepared: PreparedData,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<TrainableChoice> {
  const { configuration } = session.record;
  const known = await finishedChoice(session.folder, configuration, prepared.checkpoint);
  if (known !== undefined) return known;
  session.append({ type: 'status', status: 'selecting' });
  const choice = await chooseTrainable(session.folder, configuration, prepared, onProgress, signal);
  session.append(selectionEvent(choice.statistics));
  return choice;
}

/** Closes the session with the status that `drive` ends in. */
async function endingIn(session: RunSession, drive: () => Promise<TrainingOutcome>): Promise<TrainResult> {
  try {
    const outcome = await drive();
    const best = session.summary.bestEvaluation?.loss;
    if (outcome.status === 'finished') {
      session.append({
        type: 'result',
        adapter: RUN_FILES.adapter,
        steps: outcome.steps,
        finalLoss: outcome.finalLoss,
        peakMemoryBytes: processMemory().peakBytes,
        ...(best === undefined ? {} : { bestEvaluationLoss: best }),
        ...(outcome.adapterStep === undefined ? {} : { adapterStep: outcome.adapterStep }),
      });
    }
    session.append({ type: 'status', status: outcome.status });
    const adapterFolder = join(session.folder, RUN_FILES.adapter);
    return {
      ...outcome,
      runFolder: session.folder,
      adapterFolder,
      ...(best === undefined ? {} : { bestEvaluationLoss: best }),
    };
  } catch (error) {
    if (error instanceof CancelledError)
      session.append({ type: 'status', status: 'stopped', reason: 'stopped before the first step' });
    else session.append({ type: 'status', status: 'failed', ...failure(error) });
    throw error;
  } finally {
    await session.close();
  }
}

function failure(error: unknown): { readonly code: string; readonly reason: string } {
  if (error instanceof ExpectedError) return { code: error.code, reason: error.message };
  return { code: 'bug', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
