/**
 * What a family of models has before its first layer and behind its last: how tokens become the first hidden state, what
 * all layers read, and how the last hidden state becomes losses and logits. Everything between is the same for all.
 */
import type { MicroBatch } from '../data/batches/microBatch.ts';
import type { RuntimeTensor } from '../runtime/tensor.ts';
import type { SharedFeeds, TokenRows } from './sharedFeeds.ts';

export interface ModelEnds {
  /** What all layers read beside their parameters and the hidden state. */
  feeds(rows: TokenRows): SharedFeeds;
  /** Writes the first layer's input [B*T, hidden]. */
  embed(rows: TokenRows, into: Float32Array): Promise<void>;
  /** The sum of losses, each times `labelWeight`; writes its gradient by `hidden`, as large, into `gradHidden`. */
  lossAndGradient(
    hidden: Float32Array,
    batch: MicroBatch,
    labelWeight: number,
    gradHidden: Float32Array,
  ): Promise<number>;
  /** The sum of losses. */
  loss(hidden: Float32Array, batch: MicroBatch): Promise<number>;
  /** Logits [positions, outputs] at the given positions; of encoders, those of the texts that begin there. */
  logits(hidden: Float32Array, rows: TokenRows, positions: Int32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

/** What is trained behind the last layer. */
export interface TrainedHead {
  /** Names of the head's parameters. */
  readonly parameters: readonly string[];
  /** Takes their gradients, by the names of `gradientName`. */
  receive(results: Readonly<Record<string, RuntimeTensor>>): void;
}
