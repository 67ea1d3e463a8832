/**
 * A decoder's parameters as whoever computes with them asks for them: a layer at a time and the embeddings by rows,
 * always as float32. Where they lie in between is the business of the implementation: see `residentWeights.ts`.
 */
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';

/** One parameter: row-major elements and their shape. */
export interface Parameter {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A layer's parameters by the names of its graph's inputs. */
export type LayerWeights = ReadonlyMap<string, Parameter>;

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

/** Entries of one layer's parameter that carry deltas, which lie in one flat array from `offset` on. */
export interface DeltaEntries {
  readonly layer: number;
  /** The parameter's name. */
  readonly parameter: string;
  /** Position of each entry in the parameter's elements. */
  readonly positions: Uint32Array;
  readonly offset: number;
}

/**
 * Keeps the weights that are read equal to W + scatter(delta). Each entry is always made from the frozen value, never from
 * the last effective one, so nothing drifts however many steps are taken.
 */
export interface EffectiveWeights {
  /** From now on every entry holds W + delta; `deltas` is read then or later, and must not change without a new call. */
  apply(deltas: Float32Array): void;
}

export interface DecoderWeights {
  readonly config: DecoderConfig;
  /** [vocabulary, hidden] */
  readonly embedding: EmbeddingTable;
  /** [vocabulary, hidden]; the embedding itself where the two are tied. */
  readonly outputEmbedding: EmbeddingTable;
  /** [hidden] */
  readonly finalNorm: Float32Array;
  /**
   * A layer's parameters, deltas included; valid until another layer is asked for.
   *
   * @param upcoming the layer that will be asked for next, to be fetched meanwhile
   */
  layer(layer: number, upcoming?: number): Promise<LayerWeights>;
  /** Lets entries carry deltas, on top of those that they carry already; all are zero at first. */
  carry(entries: readonly DeltaEntries[]): EffectiveWeights;
  /** Gives back what is held open. */
  release(): Promise<void>;
}
