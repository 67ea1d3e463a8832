/** The same steps of a golden model on the CPU and on a GPU. */
import { onTestFinished } from 'vitest';
import type { ResidentWeights } from '../../engine/model/weights/residentWeights.ts';
import type { Precision } from '../../engine/protocol/configuration/configuration.ts';
import { createResidentExecution, type ResidentExecution } from '../../engine/resident/residentExecution.ts';
import type { ModuleSelection } from '../../engine/selection/moduleSelection.ts';
import { createHostStepper } from '../../engine/training/hostStepper.ts';
import { deltaLayout, type DeltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import { effectiveWeights } from '../../engine/training/plans/effectiveWeights.ts';
import { createLayeredPlan } from '../../engine/training/plans/layeredPlan.ts';
import { createParameterUpdate } from '../../engine/training/plans/parameterUpdate.ts';
import type { StepOutcome, Stepper, StepRequest } from '../../engine/training/stepper.ts';
import { goldenBatch, goldenSelections, goldenWeights, readGolden } from '../training/goldenModel.ts';

const OPTIMIZER = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
/** Passes of a step. */
export const MICRO_BATCHES = 2;

/** A golden model with what is trained of it. */
export interface Model {
  readonly weights: ResidentWeights;
  readonly layout: DeltaLayout;
  readonly batch: ReturnType<typeof goldenBatch>;
}

export async function goldenModel(name: string, change = (modules: ModuleSelection[]) => modules): Promise<Model> {
  const golden = await readGolden(`architectures/${name}.safetensors`);
  const weights = await goldenWeights(name.replace('.packed', ''));
  const layout = deltaLayout(weights.config, change([...goldenSelections(golden, weights)]));
  return { weights, layout, batch: goldenBatch(golden) };
}

/** The same batch several times: gradients add up to those of one pass. */
export function request({ batch }: Model, step: number, learningRate = 1e-2): StepRequest {
  return {
    step,
    microBatches: Array.from({ length: MICRO_BATCHES }, () => batch),
    labelWeight: 1 / (MICRO_BATCHES * batch.labels.length),
    learningRate,
    optimizer: OPTIMIZER,
    maxGradNorm: 0.5,
  };
}

/** Layer by layer on the CPU. */
export async function hostStepper({ weights, layout }: Model): Promise<Stepper> {
  const plan = await createLayeredPlan(weights, layout, { device: 'cpu', threads: 2 }, 'none');
  return createHostStepper(plan, effectiveWeights(weights, layout), createParameterUpdate(layout));
}

/** On the GPU, until the test ends. */
export async function resident({ weights, layout }: Model, precision?: Precision): Promise<ResidentExecution> {
  const options = { device: 'webgpu', threads: 2, ...(precision !== undefined && { precision }) } as const;
  const execution = await createResidentExecution(weights, layout, options);
  onTestFinished(() => execution.release());
  return execution;
}

export async function takeSteps(stepper: Stepper, model: Model, count: number): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  for (let step = 1; step <= count; step++) outcomes.push(await stepper.step(request(model, step)));
  return outcomes;
}
