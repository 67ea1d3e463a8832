/** Settles how a run executes, and makes the plan that executes it. */
import { availableParallelism } from 'node:os';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import type { PlanChoice } from '../../estimate/memoryEstimate.ts';
import {
  chooseExecution,
  smallerExecution,
  type ChoiceRequest,
  type ExecutionChoice,
} from '../../estimate/planChoice.ts';
import { createDecoder, type Decoder } from '../../inference/decoder.ts';
import { createForwardPass, releaseAll, type ForwardPass } from '../../inference/forwardPass.ts';
import type { ExecutionOptions } from '../../inference/graphSession.ts';
import { decoderOnly, type AnyWeights } from '../../model/weights/anyWeights.ts';
import { loadModel } from '../../model/weights/modelLoading.ts';
import { loadWeights } from '../../model/weights/residentWeights.ts';
import { streamWeights, weightSizes } from '../../model/weights/storedWeights.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { DeviceName } from '../../protocol/devices.ts';
import { createHeldExecution } from '../../held/heldExecution.ts';
import { createResidentExecution } from '../../resident/residentExecution.ts';
import { CAPABILITIES } from '../../runtime/capabilities.ts';
import { allocatableBytes } from '../../runtime/memory.ts';
import { boundFactors, boundValues, valuePlacement } from '../../training/layouts/boundValues.ts';
import { isDeltaLayout } from '../../training/layouts/deltaLayout.ts';
import { createDropout } from '../../training/plans/dropout.ts';
import { effectiveWeights } from '../../training/plans/effectiveWeights.ts';
import type { ExecutionPlan } from '../../training/plans/executionPlan.ts';
import { headStart } from '../../training/layouts/headStart.ts';
import { createHostStepper } from '../../training/hostStepper.ts';
import { createLayeredPlan } from '../../training/plans/layeredPlan.ts';
import { createParameterUpdate } from '../../training/plans/parameterUpdate.ts';
import type { Stepper } from '../../training/stepper.ts';
import { hasDenseValues, type TrainableLayout } from '../../training/layouts/trainableLayout.ts';
import { createWholeGraphPlan } from '../../training/plans/wholeGraphPlan.ts';
import { settleMethodDevice } from './deviceSettling.ts';
import { openHostDecoder } from './hostDecoder.ts';
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
 * @throws ExpectedError `runtime/deviceUnusable`, `runtime/noFloat16`, `run/methodNotOnDevice`, `run/precisionNotOnDevice`,
 *   `run/planNotOnDevice`, `memory/doesNotFit`
 */
export async function settleExecution(
  configuration: RunConfiguration,
  checkpoint: Checkpoint,
  layout: TrainableLayout,
  longest: number,
): Promise<SettledExecution> {
  const { engine, method } = configuration;
  const device = await settleMethodDevice(engine, method, checkpoint.config);
  const choice = chooseExecution(choiceRequest(configuration, checkpoint, layout, longest, device.device));
  return {
    ...device,
    threads: settleThreads(engine.threads),
    ...executed(choice),
    reasons: [...device.reasons, ...choice.reasons],
  };
}

/** What the execution of a run on `device` is chosen by. */
export function choiceRequest(
  { engine, training }: RunConfiguration,
  checkpoint: Checkpoint,
  layout: TrainableLayout,
  longest: number,
  device: DeviceName,
): ChoiceRequest {
  const { config } = checkpoint;
  return {
    config,
    weights: weightSizes(checkpoint),
    layout,
    ...allowedPlans(engine, device, layout, config),
    hasBlockedAttention: device === 'cpu' && config.family === 'decoder',
    precision: CAPABILITIES[device].allowsFloat16 ? engine.precision : 'float32',
    batchSize: training.batchSize,
    microBatchSize: training.microBatchSize,
    longest,
    budgetBytes: memoryBudget(engine.memoryBudgetMB),
  };
}

/** The fastest execution that needs much less memory than `current`; undefined where there is none. */
export function settleSmaller(request: ChoiceRequest, current: SettledExecution): SettledExecution | undefined {
  const smaller = smallerExecution(request, current);
  if (smaller === undefined) return undefined;
  return { ...current, ...executed(smaller), reasons: smaller.reasons };
}

/**
 * An encoder is trained layer by layer: the whole-graph plan is for decoders.
 * @throws ExpectedError `run/planNotForEncoders`
 */
function layeredOnly(engine: RunConfiguration['engine']): RunConfiguration['engine'] {
  if (engine.plan !== 'wholeGraph') return { ...engine, plan: 'layered' };
  throw new ExpectedError(
    'run/planNotForEncoders',
    'expected the layered plan for an encoder, found wholeGraph',
    'Let engine.plan be "auto" or "layered".',
    { field: 'engine.plan' },
  );
}

/** A device that keeps tensors or weights trains layer by layer: only there does it have them for good. */
function allowedPlans(
  engine: RunConfiguration['engine'],
  device: DeviceName,
  layout: TrainableLayout,
  config: ModelConfig,
): Pick<ChoiceRequest, 'options' | 'relaxedOptions'> {
  const { family } = config;
  const options = family === 'encoder' ? layeredOnly(engine) : engine;
  const open = { plan: family === 'encoder' ? 'layered' : 'auto', savedActivations: 'auto' } as const;
  if (hasDenseValues(layout)) {
    return { options: withFloat32Weights(options), relaxedOptions: { ...open, weights: 'float32' } };
  }
  if (!isResident(device, layout, config)) return { options, relaxedOptions: { ...open, weights: 'auto' } };
  if (engine.plan === 'wholeGraph') {
    throw new ExpectedError(
      'run/planNotOnDevice',
      `expected the layered plan on ${device}, found wholeGraph`,
      'Let engine.plan be "auto" or "layered", or train on the CPU.',
      { field: 'engine.plan' },
    );
  }
  return {
    options: { ...engine, plan: 'layered', savedActivations: 'none', weights: 'float32' },
    relaxedOptions: {},
  };
}

/** Whether weights go to the device once: constants do where they are a decoder's, and deltas alone are trained. */
function isResident(device: DeviceName, layout: TrainableLayout, { family }: ModelConfig): boolean {
  const { keepsTensors, holdsConstants } = CAPABILITIES[device];
  return keepsTensors || (holdsConstants && family === 'decoder' && isDeltaLayout(layout));
}

/** Parameters that are trained as a whole are float32. */
function withFloat32Weights(engine: RunConfiguration['engine']): RunConfiguration['engine'] {
  if (engine.weights === 'auto' || engine.weights === 'float32') return { ...engine, weights: 'float32' };
  throw new ExpectedError(
    'run/weightsNotTrainable',
    `expected float32 weights for a method that trains whole parameters, found "${engine.weights}"`,
    'Let engine.weights be "auto" or "float32".',
    { field: 'engine.weights' },
  );
}

function executed({
  plan,
  microBatchSize,
  memory,
}: ExecutionChoice): Pick<SettledExecution, 'plan' | 'microBatchSize' | 'predictedPeakBytes'> {
  return { plan, microBatchSize, predictedPeakBytes: memory.total };
}

function memoryBudget(megabytes: number | undefined): number {
  return megabytes === undefined ? allocatableBytes() * FREE_SHARE : megabytes * 1e6;
}

export function settleThreads(threads: number | 'auto'): number {
  return threads === 'auto' ? availableParallelism() : threads;
}

export function executionOptions({
  device,
  threads,
  plan,
}: Pick<SettledExecution, 'device' | 'threads' | 'plan'>): ExecutionOptions {
  return { device, threads, attention: plan.plan === 'layered' ? plan.attention : 'whole' };
}

/** What a run computes with. */
export interface Execution {
  readonly stepper: Stepper;
  /** Sees the stepper's newest deltas. */
  readonly forward: ForwardPass;
  /** Opens a decoder; `values` are the stepper's newest, saved. Its user releases it. */
  readonly openDecoder: (values: Float32Array) => Promise<Decoder>;
  /** What of it runs elsewhere than on the device, for the user. */
  readonly warnings: readonly string[];
  readonly release: () => Promise<void>;
}

/** What there is to train, where its values lie, and what is drawn at random. */
export interface TrainingSubject {
  readonly layout: TrainableLayout;
  /** Filled with what training begins from. */
  readonly values: Float32Array;
  readonly seed: number;
  /** Probability of a feature to be dropped before a bypass. */
  readonly dropout: number;
}

/**
 * Brings the weights to where they are computed with, once.
 *
 * @param checkpoint stays open until the execution is released
 */
export async function createExecution(
  checkpoint: Checkpoint,
  subject: TrainingSubject,
  settled: SettledExecution,
): Promise<Execution> {
  const { layout } = subject;
  const options = executionOptions(settled);
  if (isResident(settled.device, layout, checkpoint.config)) {
    if (!isDeltaLayout(layout)) throw new Error(`${settled.device} trains selected connections alone`);
    // They go to the device layer by layer: the host holds no more than one of them.
    const weights = await streamWeights(checkpoint);
    const precision = (settled.plan.plan === 'layered' ? settled.plan.precision : undefined) ?? 'float32';
    const execution = CAPABILITIES[settled.device].keepsTensors
      ? { operatorsOnCpu: [], ...(await createResidentExecution(weights, layout, { ...options, precision })) }
      : await createHeldExecution(weights, layout, options);
    return {
      ...execution,
      warnings: fallbackWarnings(settled.device, execution.operatorsOnCpu),
      openDecoder: (values) => openHostDecoder(checkpoint, layout, values, settled.threads),
    };
  }
  const { weights, plan } = await createPlan(checkpoint, subject, settled.plan, options);
  const forward = await createForwardPass(weights, options, layout.layers);
  const stepper = createHostStepper(plan, effectiveWeights(weights, layout), createParameterUpdate(layout));
  return {
    ...{ stepper, forward, warnings: [] },
    openDecoder: () => {
      const { threads } = settled;
      return createDecoder(decoderOnly(weights, checkpoint.folder, 'generation'), { threads }, layout.layers);
    },
    release: () => releaseAll([stepper, forward, weights]),
  };
}

function fallbackWarnings(device: DeviceName, operators: readonly string[]): readonly string[] {
  if (operators.length === 0) return [];
  return [`${device} leaves ${operators.join(', ')} to the CPU: steps take longer than they could`];
}

async function createPlan(
  checkpoint: Checkpoint,
  { layout, values, seed, dropout: probability }: TrainingSubject,
  choice: PlanChoice,
  options: ExecutionOptions,
): Promise<{ readonly weights: AnyWeights; readonly plan: ExecutionPlan }> {
  const dropout = createDropout(layout, probability, seed);
  if (choice.plan === 'wholeGraph') {
    const weights = boundValues(await loadWeights(checkpoint, valuePlacement(layout, values)), layout, values, seed);
    return { weights, plan: await createWholeGraphPlan(weights, layout, options, choice.headChunks, dropout) };
  }
  const weights =
    choice.weights === 'float32'
      ? boundValues(await loadModel(checkpoint, headStart(seed), valuePlacement(layout, values)), layout, values, seed)
      : boundFactors(
          decoderOnly(await openWeights(checkpoint, choice.weights), checkpoint.folder, 'this storage of weights'),
          layout,
          values,
          seed,
        );
  const { savedActivations } = choice;
  return { weights, plan: await createLayeredPlan(weights, layout, options, savedActivations, dropout) };
}
