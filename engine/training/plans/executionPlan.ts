/** What both ways of executing a training step offer: the loss of a micro-batch, and the gradients of all that is trained. */
import type { MicroBatch } from '../../data/batches/microBatch.ts';

/** Which micro-batch of a run is computed: what is drawn at random for it depends on nothing else but the seed. */
export interface MicroBatchPlace {
  /** From 1. */
  readonly step: number;
  /** Number among the step's micro-batches. */
  readonly microBatch: number;
}

export interface ExecutionPlan {
  /**
   * Runs a micro-batch forward and backward and adds the gradients of all values to `gradients`.
   *
   * @param labelWeight weight of each label's loss: 1 / (labels of the whole batch), so that micro-batches add up to the
   *   mean over the batch
   * @param gradients [values], in the order of the layout
   * @returns the weighted sum of the micro-batch's losses
   */
  accumulate(batch: MicroBatch, labelWeight: number, gradients: Float32Array, place?: MicroBatchPlace): Promise<number>;
  release(): Promise<void>;
}
