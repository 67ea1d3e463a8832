/** Settles how a run executes, and makes the plan that executes it. */
import { availableParallelism } from 'node:os';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';
import type { PlanChoice } from '../estimate/memoryEstimate.ts';
import { chooseExecution, type ExecutionChoice } from '../estimate/planChoice.ts';
import { createForwardPass, releaseAll, type ForwardPass } from '../inference/forwardPass.ts';
import type { ExecutionOptions } from '../inference/graphSession.ts';
import { loadWeights, type DecoderWeights } from '../model/decoderWeights.ts';
import type { RunConfiguration } from '../protocol/configuration.ts';
import type { DeviceName } from '../protocol/devices.ts';
import { resolveDevice } from '../runtime/deviceChoice.ts';
import { machineMemory } from '../runtime/memory.ts';
import { probeDevices } from '../runtime/probe/deviceProbe.ts';
import type { DeltaLayout } from '../training/deltaLayout.ts';
import { effectiveWeights } from '../training/effectiveWeights.ts';
import type { ExecutionPlan } from '../training/executionPlan.ts';
import { createHostStepper } from '../training/hostStepper.ts';
import { createLayeredPlan } from '../training/layeredPlan.ts';
import type { Stepper } from '../training/stepper.ts';
import { createWholeGraphPlan } from '../training/wholeGraphPlan.ts';

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
 * @throws ExpectedError `runtime/deviceUnusable`, `memory/doesNotFit`
 */
export async function settleExecution(
  { engine, training }: RunConfiguration,
  config: DecoderConfig,
  layout: DeltaLayout,
  longest: number,
): Promise<SettledExecution> {
  const device = await settleDevice(engine.device);
  const choice = chooseExecution({
    config,
    layout,
    options: engine,
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

/** `auto` is the CPU: weights do not stay on a GPU between steps yet, so that one is slower for training. */
export async function settleDevice(
  asked: DeviceName | 'auto',
): Promise<{ device: DeviceName; reasons: readonly string[] }> {
  if (asked === 'cpu') return { device: 'cpu', reasons: ['the CPU was asked for'] };
  if (asked === 'auto') {
    return {
      device: 'cpu',
      reasons: [
        'on the CPU: a GPU is used only where engine.device names it, since weights travel to it in every step',
      ],
    };
  }
  return resolveDevice(asked, await probeDevices());
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

/** Loads the weights to where they are computed with, once. */
export async function createExecution(
  checkpoint: Checkpoint,
  layout: DeltaLayout,
  settled: SettledExecution,
): Promise<Execution> {
  const weights = await loadWeights(checkpoint);
  const forward = await createForwardPass(weights, executionOptions(settled));
  const stepper = createHostStepper(await createPlan(weights, layout, settled), effectiveWeights(weights, layout));
  return { stepper, forward, release: () => releaseAll([stepper, forward]) };
}

function createPlan(weights: DecoderWeights, layout: DeltaLayout, settled: SettledExecution): Promise<ExecutionPlan> {
  const options = executionOptions(settled);
  return settled.plan.plan === 'layered'
    ? createLayeredPlan(weights, layout, options, settled.plan.savedActivations)
    : createWholeGraphPlan(weights, layout, options, settled.plan.headChunks);
}
