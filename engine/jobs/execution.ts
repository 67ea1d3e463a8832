/** Settles how a run executes, and makes the plan that executes it. */
import { availableParallelism } from 'node:os';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { requireDecoder } from '../checkpoint/modelConfig.ts';
import type { PlanChoice } from '../estimate/memoryEstimate.ts';
import { chooseExecution, type ExecutionChoice } from '../estimate/planChoice.ts';
import { createForwardPass, releaseAll, type ForwardPass } from '../inference/forwardPass.ts';
import type { ExecutionOptions } from '../inference/graphSession.ts';
import type { DecoderWeights } from '../model/decoderWeights.ts';
import { loadWeights } from '../model/residentWeights.ts';
import { streamWeights, weightSizes } from '../model/storedWeights.ts';
import { ExpectedError } from '../errors/expected.ts';
import type { RunConfiguration } from '../protocol/configuration.ts';
import type { DeviceName } from '../protocol/devices.ts';
import { createResidentExecution } from '../resident/residentExecution.ts';
import { CAPABILITIES } from '../runtime/capabilities.ts';
import { machineMemory } from '../runtime/memory.ts';
import type { DeltaLayout } from '../training/deltaLayout.ts';
import { effectiveWeights } from '../training/effectiveWeights.ts';
import type { ExecutionPlan } from '../training/executionPlan.ts';
import { createHostStepper } from '../training/hostStepper.ts';
import { createLayeredPlan } from '../training/layeredPlan.ts';
import { createParameterUpdate } from '../training/parameterUpdate.ts';
import type { Stepper } from '../training/stepper.ts';
import { createWholeGraphPlan } from '../training/wholeGraphPlan.ts';
import { settleDevice } from './deviceSettling.ts';
import { openWeights } from './weightLoading.ts';

/** How a run executes, settled once and kept with its checkpoints, so that a resumed run gives the same numbers. */
export interface SettledExecution {
  readonly device: DeviceName;
  readonly threads: number;
  readonly plan: PlanChoice;
  readonly microBatchSize: number;
  readonly predictedPeakBytes: number;
  /** In words, for the log. */
  readonly reasons: readonly string[];
}

/** Share of the free memory that a run may take where no budget is given. */
const FREE_SHARE = 0.9;

/**
 * @param longest tokens of the longest row
 * @throws ExpectedError `runtime/deviceUnusable`, `run/planNotOnDevice`, `memory/doesNotFit`
 */
export async function settleExecution(
  { engine, training }: RunConfiguration,
  checkpoint: Checkpoint,
  layout: DeltaLayout,
  longest: number,
): Promise<SettledExecution> {
  const device = await settleDevice(engine.device);
  const choice = chooseExecution({
    config: requireDecoder(checkpoint.config, checkpoint.folder, 'training'),
    weights: weightSizes(checkpoint),
    layout,
    options: allowedPlans(engine, device.device),
    batchSize: training.batchSize,
    microBatchSize: training.microBatchSize,
    longest,
    budgetBytes: memoryBudget(engine.memoryBudgetMB),
  });
  return {
    ...device,
    threads: settleThreads(engine.threads),
    ...executed(choice),
    reasons: [...device.reasons, ...choice.reasons],
  };
}

/** A device that keeps tensors trains layer by layer; only there do they fit beside the weights. */
function allowedPlans(engine: RunConfiguration['engine'], device: DeviceName): RunConfiguration['engine'] {
  if (!CAPABILITIES[device].keepsTensors) return engine;
  if (engine.plan === 'wholeGraph') {
    throw new ExpectedError(
      'run/planNotOnDevice',
      `expected the layered plan on ${device}, found wholeGraph`,
      'Let engine.plan be "auto" or "layered", or train on the CPU.',
      { field: 'engine.plan' },
    );
  }
  return { ...engine, plan: 'layered', savedActivations: 'none', weights: 'float32' };
}

function executed({
  plan,
  microBatchSize,
  memory,
}: ExecutionChoice): Pick<SettledExecution, 'plan' | 'microBatchSize' | 'predictedPeakBytes'> {
  return { plan, microBatchSize, predictedPeakBytes: memory.total };
}

function memoryBudget(megabytes: number | undefined): number {
  return megabytes === undefined ? machineMemory().availableBytes * FREE_SHARE : megabytes * 1e6;
}

export function settleThreads(threads: number | 'auto'): number {
  return threads === 'auto' ? availableParallelism() : threads;
}

export function executionOptions({ device, threads }: Pick<SettledExecution, 'device' | 'threads'>): ExecutionOptions {
  return { device, threads };
}

/** What a run computes with. */
export interface Execution {
  readonly stepper: Stepper;
  /** Sees the stepper's newest deltas. */
  readonly forward: ForwardPass;
  readonly release: () => Promise<void>;
}

/**
 * Brings the weights to where they are computed with, once.
 *
 * @param checkpoint stays open until the execution is released
 */
export async function createExecution(
  checkpoint: Checkpoint,
  layout: DeltaLayout,
  settled: SettledExecution,
): Promise<Execution> {
  const options = executionOptions(settled);
  if (CAPABILITIES[settled.device].keepsTensors) {
    // They go to the device layer by layer: the host holds no more than one of them.
    const weights = await streamWeights(checkpoint);
    return createResidentExecution(weights, layout, options);
  }
  const { weights, plan } = await createPlan(checkpoint, layout, settled.plan, options);
  const forward = await createForwardPass(weights, options);
  const stepper = createHostStepper(plan, effectiveWeights(weights, layout), createParameterUpdate(layout));
  return { stepper, forward, release: () => releaseAll([stepper, forward, weights]) };
}

async function createPlan(
  checkpoint: Checkpoint,
  layout: DeltaLayout,
  choice: PlanChoice,
  options: ExecutionOptions,
): Promise<{ readonly weights: DecoderWeights; readonly plan: ExecutionPlan }> {
  if (choice.plan === 'wholeGraph') {
    const weights = await loadWeights(checkpoint);
    return { weights, plan: await createWholeGraphPlan(weights, layout, options, choice.headChunks) };
  }
  const weights = await openWeights(checkpoint, choice.weights);
  return { weights, plan: await createLayeredPlan(weights, layout, options, choice.savedActivations) };
}
