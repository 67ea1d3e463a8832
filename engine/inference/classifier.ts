/** Runs an encoder's head over the pooled hidden states of texts: logits, losses, and the gradients of what is trained. */
import type { MicroBatch } from '../data/batches/microBatch.ts';
import { CLASSIFIER_NAMES, classifierLogits, classifierWithGradient } from '../model/encoder/classifierGraph.ts';
import type { EncoderWeights } from '../model/weights/encoderWeights.ts';
import type { Session } from '../runtime/session.ts';
import { float32Data, float32Tensor, type HostTensor } from '../runtime/tensor.ts';
import { createGraphSession, type ExecutionOptions } from './graphSession.ts';
import { parameterFeeds } from './layerRunner.ts';
import type { ModelEnds, TrainedHead } from './modelEnds.ts';
import type { TokenRows } from './sharedFeeds.ts';
import { poolingOf, type Pooling } from './pooling.ts';

export type Classifier = Pick<ModelEnds, 'lossAndGradient' | 'loss' | 'logits' | 'release'>;

export function createClassifier(
  weights: EncoderWeights,
  options: ExecutionOptions,
  trained: TrainedHead | undefined,
): Classifier {
  const { config } = weights;
  const labelCount = config.classifier.labels.length;
  let [logitSession, gradientSession]: (Promise<Session> | undefined)[] = [];
  const feedsOf = async (hidden: Float32Array, pooling: Pooling): Promise<Record<string, HostTensor>> => {
    const parameters = parameterFeeds(await weights.layer(config.layerCount));
    return { ...parameters, ...pooling.feeds(hidden) };
  };
  const run = async (
    hidden: Float32Array,
    batch: MicroBatch,
    labelWeight: number,
    gradHidden: Float32Array | undefined,
  ): Promise<number> => {
    gradientSession ??= createGraphSession(
      'classifier with gradient',
      classifierWithGradient(config, trained?.parameters ?? []),
      options,
    );
    const pooling = poolingOf(config, batch, batch.labelRows);
    const session = await gradientSession;
    const results = await session.run({
      ...(await feedsOf(hidden, pooling)),
      ...labelFeeds(weights, batch, labelWeight),
      [CLASSIFIER_NAMES.gradLoss]: float32Tensor(Float32Array.of(1), [1, 1]),
    });
    if (gradHidden !== undefined) {
      pooling.scatter(float32Data(results[CLASSIFIER_NAMES.gradHidden]), gradHidden);
      trained?.receive(results);
    }
    return float32Data(results[CLASSIFIER_NAMES.loss])[0] ?? 0;
  };
  return {
    lossAndGradient: run,
    loss: (hidden, batch) => run(hidden, batch, 1, undefined),
    async logits(hidden: Float32Array, rows: TokenRows, positions: Int32Array) {
      logitSession ??= createGraphSession('classifier logits', classifierLogits(config), options);
      const logits = new Float32Array(positions.length * labelCount);
      const feeds = await feedsOf(hidden, poolingOf(config, rows, positions));
      await (
        await logitSession
      ).run(feeds, {
        [CLASSIFIER_NAMES.logits]: float32Tensor(logits, [positions.length, labelCount]),
      });
      return logits;
    },
    async release() {
      await (await logitSession)?.release();
      await (await gradientSession)?.release();
    },
  };
}

/** Targets [texts, labels], weighted one-hot rows for classes; for numbers themselves, beside their weights. */
function labelFeeds(
  { config }: EncoderWeights,
  { labels, values }: MicroBatch,
  labelWeight: number,
): Record<string, HostTensor> {
  const { labels: names, problem } = config.classifier;
  const shape = [labels.length, names.length];
  if (problem === 'regression') {
    if (values === undefined) throw new Error('a batch for regression has values');
    return {
      [CLASSIFIER_NAMES.targets]: float32Tensor(values, shape),
      [CLASSIFIER_NAMES.weights]: float32Tensor(new Float32Array(labels.length).fill(labelWeight), [labels.length, 1]),
    };
  }
  const targets = new Float32Array(labels.length * names.length);
  labels.forEach((label, text) => {
    targets[text * names.length + label] = labelWeight;
  });
  return { [CLASSIFIER_NAMES.targets]: float32Tensor(targets, shape) };
}
