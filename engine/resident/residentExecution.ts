/** Training on a device that keeps tensors between runs: weights go there once, and deltas come back when asked for. */
import type { FloatType } from '../graph/graph.ts';
import type { ExecutionOptions } from '../inference/graphSession.ts';
import type { ForwardPass } from '../inference/forwardPass.ts';
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import type { DeltaLayout } from '../training/layouts/deltaLayout.ts';
import type { Stepper } from '../training/stepper.ts';
import { DeviceMemory, type Traffic } from './deviceMemory.ts';
import { ResidentDeltas, uploadSelections } from './residentDeltas.ts';
import { uploadModel } from './residentModel.ts';
import { ResidentPass } from './residentPass.ts';
import { ResidentStepper } from './residentStepper.ts';

export interface ResidentExecution {
  readonly stepper: Stepper;
  /** Sees the stepper's newest deltas. */
  readonly forward: ForwardPass;
  /** Bytes between host and device so far. */
  readonly traffic: () => Traffic;
  readonly release: () => Promise<void>;
}

export interface ResidentOptions extends ExecutionOptions {
  /** What matrices and their products are computed in; 'float32' where absent. */
  readonly precision?: FloatType;
}

/** @param weights uploaded; the host's copies can be dropped afterwards */
export async function createResidentExecution(
  weights: DecoderWeights,
  layout: DeltaLayout,
  { precision = 'float32', ...options }: ResidentOptions,
): Promise<ResidentExecution> {
  const memory = new DeviceMemory(options);
  const model = await uploadModel(memory, weights, precision);
  const deltas = new ResidentDeltas(memory, layout, await uploadSelections(memory, layout));
  const pass = new ResidentPass(memory, model, deltas);
  const stepper = new ResidentStepper(memory, pass, deltas, precision);
  return {
    stepper,
    forward: pass,
    traffic: () => memory.traffic,
    async release() {
      await stepper.release();
      await pass.release();
      deltas.dispose();
      model.dispose();
      await memory.release();
    },
  };
}
