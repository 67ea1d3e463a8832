/** Steps whose values and moments live in host memory, whichever plan computes the gradients. */
import type { EffectiveWeights } from '../model/weights/modelWeights.ts';
import type { ExecutionPlan } from './plans/executionPlan.ts';
import { clipGradients, gradientNorm } from './optimization/gradientNorm.ts';
import type { ParameterUpdate } from './plans/parameterUpdate.ts';
import type { Stepper } from './stepper.ts';
import { initialState } from './trainingState.ts';

/**
 * @param weights those that the plan reads: they carry the values from the first `load` on
 * @returns a stepper that works in the arrays of the state that it is given, so saving costs nothing
 */
export function createHostStepper(plan: ExecutionPlan, weights: EffectiveWeights, update: ParameterUpdate): Stepper {
  let state = initialState(0);
  let gradients = new Float32Array();
  return {
    load(from) {
      state = from;
      gradients = new Float32Array(from.deltas.length);
      update.begin(from.deltas);
      weights.apply(from.deltas);
      return Promise.resolve();
    },
    async step({ step, microBatches, labelWeight, learningRate, optimizer, maxGradNorm }) {
      gradients.fill(0);
      let loss = 0;
      for (const [index, microBatch] of microBatches.entries()) {
        loss += await plan.accumulate(microBatch, labelWeight, gradients, { step, microBatch: index });
      }
      const gradNorm = gradientNorm(gradients);
      if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
        update.undo(state.deltas, state.optimizer);
        return { loss, gradNorm };
      }
      if (maxGradNorm !== null) clipGradients(gradients, gradNorm, maxGradNorm);
      update.apply(state.deltas, gradients, state.optimizer, { step, learningRate, optimizer });
      weights.apply(state.deltas);
      return { loss, gradNorm };
    },
    save: () => Promise.resolve(),
    release: () => plan.release(),
  };
}
