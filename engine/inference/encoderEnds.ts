/** The ends of an encoder: summed and normed embeddings, masks to both sides, and the classifier. */
import type { EncoderWeights } from '../model/weights/encoderWeights.ts';
import { createClassifier } from './classifier.ts';
import { embedForEncoder } from './encoderEmbedding.ts';
import { EncoderFeedSource } from './encoderFeeds.ts';
import type { ExecutionOptions } from './graphSession.ts';
import type { ModelEnds, TrainedHead } from './modelEnds.ts';

export function encoderEnds(
  weights: EncoderWeights,
  options: ExecutionOptions,
  trained: TrainedHead | undefined,
): ModelEnds {
  const source = new EncoderFeedSource(weights.config);
  const classifier = createClassifier(weights, options, trained);
  return {
    feeds: (rows) => source.feeds(rows),
    embed: (rows, into) => {
      embedForEncoder(weights, rows, into);
      return Promise.resolve();
    },
    lossAndGradient: (hidden, batch, labelWeight, gradHidden) =>
      classifier.lossAndGradient(hidden, batch, labelWeight, gradHidden),
    loss: (hidden, batch) => classifier.loss(hidden, batch),
    logits: (hidden, rows, positions) => classifier.logits(hidden, rows, positions),
    release: () => classifier.release(),
  };
}
