/** Looks up the embeddings of tokens: row copies, which need no graph. */
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';

/** Writes the embedding of each token into `into` [tokens, hidden]. */
export async function embedTokens(
  { config, embedding }: Pick<DecoderWeights, 'config' | 'embedding'>,
  tokenIds: Int32Array,
  into: Float32Array,
): Promise<void> {
  const outside = tokenIds.find((token) => token < 0 || token >= config.vocabularySize);
  if (outside !== undefined) {
    throw new RangeError(`token ${String(outside)} is outside of the vocabulary of ${String(config.vocabularySize)}`);
  }
  await embedding.gather(tokenIds, into);
}
