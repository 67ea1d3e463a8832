/** What a step changes: all that a run must keep to go on. */
import { initialAdamWState, type AdamWState } from './optimization/adamW.ts';
import type { LossScale } from './optimization/lossScale.ts';

/** Everything that changes from step to step; between steps the stepper holds the newest deltas and moments. */
export interface TrainingState {
  /** Steps taken. */
  step: number;
  /** [deltas] */
  readonly deltas: Float32Array;
  readonly optimizer: AdamWState;
  /** Where the run computes in float16. */
  lossScale: LossScale | undefined;
}

export function initialState(deltaCount: number): TrainingState {
  const deltas = new Float32Array(deltaCount);
  return { step: 0, deltas, optimizer: initialAdamWState(deltaCount), lossScale: undefined };
}
