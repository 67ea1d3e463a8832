/** Looks up the embeddings of tokens: row copies, which need no graph. */
import type { DecoderWeights } from '../model/decoderWeights.ts';

/** Writes the embedding of each token into `into` [tokens, hidden]. */
export function embedTokens(weights: DecoderWeights, tokenIds: Int32Array, into: Float32Array): void {
  const { hiddenSize, vocabularySize } = weights.config;
  tokenIds.forEach((token, index) => {
    if (token < 0 || token >= vocabularySize) {
      throw new RangeError(`token ${String(token)} is outside of the vocabulary of ${String(vocabularySize)}`);
    }
    into.set(weights.embedding.subarray(token * hiddenSize, (token + 1) * hiddenSize), index * hiddenSize);
  });
}
