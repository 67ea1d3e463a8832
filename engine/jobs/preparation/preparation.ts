/** What training and estimating need before the first step: the checkpoint, the data, and what follows from both. */
import { checkpointFingerprint } from '../../checkpoint/fingerprint.ts';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint.ts';
import { withLabels } from '../../checkpoint/labelledCheckpoint.ts';
import { openTokenizer, type CheckpointTokenizer } from '../../checkpoint/tokenizer/tokenizer.ts';
import { defaultLearningRate } from '../../configuration/learningRate.ts';
import { stepsPerEpoch } from '../../data/batches/epochPlan.ts';
import { dataFingerprint } from '../../data/fingerprint.ts';
import type { TextLabels } from '../../data/texts/textLabels.ts';
import { loadTrainingData } from '../../data/trainingData.ts';
import type { TrainingData } from '../../data/exampleSets.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { RunRecord } from '../../protocol/runs/runFolder.ts';
import type { JobProgress } from '../../protocol/rpc.ts';

/** Step counts and rates that follow from configuration and data. */
export interface TrainingLength {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly evaluateEvery: number;
  readonly learningRate: number;
}

export interface PreparedData {
  /** An encoder's with the labels of the data. */
  readonly checkpoint: Checkpoint;
  readonly tokenizer: CheckpointTokenizer;
  readonly data: TrainingData;
}

/**
 * Opens the base and loads the data; the caller closes the checkpoint.
 *
 * @param createdTime of the run, milliseconds since the epoch: the time that chat templates are told, however often the
 *   run is resumed
 */
export async function prepareData(
  configuration: RunConfiguration,
  createdTime: number,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<PreparedData> {
  onProgress({ phase: 'opening the checkpoint', done: 0, total: 0 });
  const checkpoint = await openCheckpoint(configuration.base);
  try {
    const tokenizer = await openTokenizer(configuration.base, { templateTime: new Date(createdTime) });
    const data = await loadTrainingData(configuration.data, configuration.training.seed, tokenizer, {
      signal,
      knownLabels: knownLabels(checkpoint),
      onProgress: (records) => {
        onProgress({ phase: 'reading the data', done: records, total: 0 });
      },
    });
    const { labels } = data;
    const labelled =
      labels === undefined ? checkpoint : withLabels(checkpoint, { labels: labels.names, problem: labels.problem });
    return { checkpoint: labelled, tokenizer, data };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** The labels of an encoder's own classifier; undefined where it has none. */
export function knownLabels({ config }: Checkpoint): TextLabels | undefined {
  if (config.family !== 'encoder' || !config.naming.hasClassifier) return undefined;
  return { problem: config.classifier.problem, names: config.classifier.labels };
}

/** @param model what the default learning rate depends on: connections per neuron and hidden size */
export function trainingLength(
  configuration: RunConfiguration,
  exampleCount: number,
  { k, width }: { readonly k: number; readonly width: number },
): TrainingLength {
  const { training } = configuration;
  const perEpoch = stepsPerEpoch(exampleCount, training.batchSize);
  const wanted = Math.max(1, Math.round(training.epochs * perEpoch));
  return {
    stepsPerEpoch: perEpoch,
    totalSteps: training.maxSteps === undefined ? wanted : Math.min(wanted, training.maxSteps),
    evaluateEvery: training.evaluateEvery ?? perEpoch,
    learningRate:
      training.learningRate === 'auto' ? defaultLearningRate(configuration.method, k, width) : training.learningRate,
  };
}

/** Tokens of the longest row that a step may see. */
export function longestRow(configuration: RunConfiguration, data: TrainingData): number {
  const longest = Math.max(data.train.report.longest, data.evaluation.report.longest, data.test?.report.longest ?? 0);
  return configuration.training.batching === 'packed' ? configuration.data.maxLength : longest;
}

/** The identities of base and data, for the run's record. */
export async function fingerprints(
  configuration: RunConfiguration,
  { checkpoint, data }: PreparedData,
): Promise<Pick<RunRecord, 'base' | 'data'>> {
  const files = [...new Set(data.sources.map(({ file }) => file))];
  return {
    base: {
      path: configuration.base,
      modelType: checkpoint.config.modelType,
      fingerprint: await checkpointFingerprint(checkpoint),
    },
    data: await Promise.all(files.map(async (path) => ({ path, fingerprint: await dataFingerprint(path) }))),
  };
}
