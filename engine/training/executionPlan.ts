/** What both ways of executing a training step offer: the loss of a micro-batch, and the gradients of all deltas. */
import type { MicroBatch } from '../data/microBatch.ts';

export interface ExecutionPlan {
  /**
   * Runs a micro-batch forward and backward and adds the gradients of the deltas to `gradients`.
   *
   * @param labelWeight weight of each label's loss: 1 / (labels of the whole batch), so that micro-batches add up to the
   *   mean over the batch
   * @param gradients [deltas], in the order of the layout
   * @returns the weighted sum of the micro-batch's losses
   */
  accumulate(batch: MicroBatch, labelWeight: number, gradients: Float32Array): Promise<number>;
  release(): Promise<void>;
}
