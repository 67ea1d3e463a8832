/** Visits an output embedding in nearly equal blocks, the next of which is fetched while one is computed with. */
import type { EmbeddingTable } from '../model/weights/decoderWeights.ts';

export interface VocabularyBlock {
  /** Number of its first entry. */
  readonly first: number;
  readonly count: number;
  /** [count, hidden]; valid until the next block. */
  readonly rows: Float32Array;
}

/** @param limit most entries of a block, where the table allows as many */
export async function* vocabularyBlocks(
  table: EmbeddingTable,
  vocabularySize: number,
  limit: number,
): AsyncGenerator<VocabularyBlock, void, undefined> {
  const blockCount = Math.ceil(vocabularySize / Math.min(limit, table.blockLimit));
  const size = Math.ceil(vocabularySize / blockCount);
  for (let first = 0; first < vocabularySize; first += size) {
    const count = Math.min(size, vocabularySize - first);
    const upcoming = first + size < vocabularySize ? first + size : undefined;
    yield { first, count, rows: await table.block(first, size, upcoming) };
  }
}
