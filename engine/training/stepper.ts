/** What takes a run's optimizer steps, wherever deltas and moments live: in host memory, or on a device. */
import type { MicroBatch } from '../data/batches/microBatch.ts';
import type { AdamWOptions } from './optimization/adamW.ts';
import type { TrainingState } from './trainingState.ts';

/** One optimizer step over a batch. */
export interface StepRequest {
  /** Number of the step, from 1. */
  readonly step: number;
  readonly microBatches: readonly MicroBatch[];
  /** Weight of each label's loss: 1 / (labels of the batch). */
  readonly labelWeight: number;
  readonly learningRate: number;
  readonly optimizer: AdamWOptions;
  /** Null where gradients are not clipped. */
  readonly maxGradNorm: number | null;
}

export interface StepOutcome {
  /** Mean over the labels of the batch, in nats, before the update. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradNorm: number;
}

export interface Stepper {
  /** Takes the deltas and moments of `state` as the ones to go on from, perhaps in its own arrays. */
  load(state: TrainingState): Promise<void>;
  /**
   * Gradients, clipping and one AdamW step. Where loss or norm are not finite nothing is updated, and the deltas go back
   * to those of the step before: the newest ones that are known to give a finite loss.
   */
  step(request: StepRequest): Promise<StepOutcome>;
  /** Brings the arrays of the state that was loaded up to date. */
  save(state: TrainingState): Promise<void>;
  release(): Promise<void>;
}
