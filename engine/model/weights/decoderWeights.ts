/** A decoder's parameters: its layers, and the embeddings, which are asked for by rows. */
import type { DecoderConfig } from '../../checkpoint/config/decoderConfig.ts';
import type { ModelWeights } from './modelWeights.ts';

/** A matrix [vocabulary, hidden] of which nobody needs all rows at once. */
export interface EmbeddingTable {
  /** Most rows that a block can have. */
  readonly blockLimit: number;
  /** Writes the rows of these numbers, each within the vocabulary, to the start of `into`, in their order. */
  gather(rows: Int32Array, into: Float32Array): Promise<void>;
  /**
   * Rows from `firstRow` on, [count, hidden], as many as are left where they are fewer; valid until the next block is
   * asked for.
   *
   * @param upcoming first row of the block of as many rows that will be asked for next, to be fetched meanwhile
   */
  block(firstRow: number, count: number, upcoming?: number): Promise<Float32Array>;
}

export interface DecoderWeights extends ModelWeights {
  readonly config: DecoderConfig;
  /** [vocabulary, hidden] */
  readonly embedding: EmbeddingTable;
  /** [vocabulary, hidden]; the embedding itself where the two are tied. */
  readonly outputEmbedding: EmbeddingTable;
  /** [hidden] */
  readonly finalNorm: Float32Array;
}
