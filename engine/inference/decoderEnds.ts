/** The ends of a decoder: token embeddings, causal masks and rotations, and the head over the vocabulary. */
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import { embedTokens } from './embedding.ts';
import type { ExecutionOptions } from './graphSession.ts';
import { createHead, type Head } from './head.ts';
import type { ModelEnds } from './modelEnds.ts';
import { SharedFeedSource } from './sharedFeeds.ts';

export function decoderEnds(
  weights: DecoderWeights,
  options: ExecutionOptions,
  head: Head = createHead(weights, options),
): ModelEnds {
  const source = new SharedFeedSource(weights.config, options.attention);
  return {
    feeds: (rows) => source.feeds(rows),
    embed: (rows, into) => embedTokens(weights, rows.tokenIds, into),
    lossAndGradient: (hidden, { labelRows, labels }, weight, gradHidden) =>
      head.lossAndGradient(hidden, { rows: labelRows, labels, weight }, gradHidden),
    loss: (hidden, { labelRows, labels }) => head.loss(hidden, { rows: labelRows, labels, weight: 1 }),
    logits: (hidden, _, positions) => head.logits(hidden, positions),
    release: () => head.release(),
  };
}
