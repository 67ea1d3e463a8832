/** Chooses how a run executes: the fastest plan and the largest useful micro-batch that stay within the memory budget. */
import type { ModelConfig } from '../checkpoint/config/modelConfig.ts';
import { ExpectedError } from '../errors/expected.ts';
import type { WeightSizes } from '../model/weights/storedWeights.ts';
import {
  WEIGHT_STORAGES,
  type Precision,
  type RunConfiguration,
  type WeightStorage,
} from '../protocol/configuration/configuration.ts';
import type { TrainableLayout } from '../training/layouts/trainableLayout.ts';
import { estimateMemory, PROCESS_BYTES, type MemoryEstimate, type PlanChoice } from './memoryEstimate.ts';

/** What a run does with each of its steps. */
export interface ExecutionChoice {
  readonly plan: PlanChoice;
  /** Rows that go through the model at once. */
  readonly microBatchSize: number;
  readonly memory: MemoryEstimate;
  /** In words, for the run's log. */
  readonly reasons: readonly string[];
}

export type PlanOptions = Pick<RunConfiguration['engine'], 'plan' | 'savedActivations' | 'weights' | 'fit'>;

export interface ChoiceRequest {
  readonly config: ModelConfig;
  readonly weights: WeightSizes;
  readonly layout: TrainableLayout;
  readonly options: PlanOptions;
  /** What may be chosen instead where `options` do not fit. */
  readonly relaxedOptions: Partial<PlanOptions>;
  /** Whether the device computes attention in blocks. */
  readonly hasBlockedAttention: boolean;
  /** What matrices and their products are computed in; float32 where absent. */
  readonly precision?: Precision;
  readonly batchSize: number;
  readonly microBatchSize: number | 'auto';
  /** Most rows that go through the model at once; the batch's where absent. */
  readonly microBatchLimit?: number;
  /** Tokens of the longest row. */
  readonly longest: number;
  readonly budgetBytes: number;
}

/** Beyond this many tokens at once a larger micro-batch is not expected to gain speed. */
const USEFUL_TOKENS = 2048;
/** Rows of so many tokens on are attended to in blocks. */
export const BLOCKED_FROM = 1024;
/** Logits and probabilities of one head chunk of the whole-graph plan stay below this. */
const HEAD_CHUNK_BYTES = 512e6;
const MEGABYTE = 1e6;

/** Smaller bytes than these shares of float32 count as narrow: what else is in a checkpoint may be wide. */
const NARROW_SHARE = 0.75;
/** Rejected choices that are told; the fastest come first. */
const TOLD_REJECTIONS = 6;

/**
 * @throws ExpectedError `memory/doesNotFit` with the smallest choice's need, where nothing stays within the budget;
 *   `memory/lossyWeights`, `memory/weightsNeedLayers` where the weights cannot be kept as the configuration says
 */
export function chooseExecution(request: ChoiceRequest): ExecutionChoice {
  refuseImpossibleWeights(request);
  const asked = firstFitting(request);
  if (asked.choice !== undefined) return asked.choice;
  if (request.options.fit === 'strict') throw doesNotFit(request, asked.smallestBytes);
  const relaxed = firstFitting(withoutWishes(request));
  if (relaxed.choice === undefined) throw doesNotFit(request, Math.min(asked.smallestBytes, relaxed.smallestBytes));
  const [first = '', ...others] = relaxed.choice.reasons;
  return { ...relaxed.choice, reasons: [`${first}; what was asked for does not fit`, ...others] };
}

/** What an execution that is to relieve another may need beyond the process itself, as a share of what the other does. */
const RELIEF_SHARE = 0.8;

/** The fastest execution that needs much less than `current` does by the same prediction; undefined where there is none. */
export function smallerExecution(
  request: ChoiceRequest,
  { microBatchSize, predictedPeakBytes }: { readonly microBatchSize: number; readonly predictedPeakBytes: number },
): ExecutionChoice | undefined {
  const budgetBytes = PROCESS_BYTES + (predictedPeakBytes - PROCESS_BYTES) * RELIEF_SHARE;
  return firstFitting({ ...withoutWishes({ ...request, microBatchSize }), budgetBytes }).choice;
}

/** Settings as wishes: the micro-batch stays the largest that is tried, and everything else is open. */
function withoutWishes(request: ChoiceRequest): ChoiceRequest {
  return {
    ...request,
    options: { ...request.options, ...request.relaxedOptions },
    microBatchSize: 'auto',
    microBatchLimit: request.microBatchSize === 'auto' ? request.batchSize : request.microBatchSize,
  };
}

function firstFitting(request: ChoiceRequest): {
  readonly choice: ExecutionChoice | undefined;
  readonly smallestBytes: number;
} {
  const rejected: string[] = [];
  let smallestBytes = Infinity;
  for (const { plan, microBatchSize } of candidates(request)) {
    const { config, weights, layout, longest, batchSize, budgetBytes } = request;
    const isAccumulated = microBatchSize < batchSize;
    const memory = estimateMemory(config, weights, layout, plan, microBatchSize, longest, isAccumulated);
    const name = executionName(plan, microBatchSize);
    if (memory.total <= budgetBytes) {
      const chosen = `${name} needs about ${megabytes(memory.total)} of ${megabytes(budgetBytes)}`;
      const reasons = [chosen, ...storageReasons(plan, request), ...rejected.slice(0, TOLD_REJECTIONS)];
      return { choice: { plan, microBatchSize, memory, reasons }, smallestBytes };
    }
    rejected.push(`not ${name}: it needs about ${megabytes(memory.total)}`);
    smallestBytes = Math.min(smallestBytes, memory.total);
  }
  return { choice: undefined, smallestBytes };
}

/** A plan and its micro-batch in words. */
export function executionName(plan: PlanChoice, microBatchSize: number): string {
  return `${planName(plan)} with ${String(microBatchSize)} rows at once`;
}

/** From the fastest on. Widening weights costs little, reading them from files much: that comes after everything else. */
function* candidates(
  request: ChoiceRequest,
): Generator<{ readonly plan: PlanChoice; readonly microBatchSize: number }> {
  const storages = allowedStorages(request);
  for (const group of [storages.filter((storage) => storage !== 'streamed'), storages.filter(isStreamed)]) {
    for (const microBatchSize of group.length === 0 ? [] : microBatchSizes(request)) {
      for (const storage of group) {
        for (const plan of plans(request, microBatchSize, storage)) yield { plan, microBatchSize };
      }
    }
  }
}

function isStreamed(storage: WeightStorage): boolean {
  return storage === 'streamed';
}

function allowedStorages({ options, weights }: ChoiceRequest): readonly WeightStorage[] {
  if (options.weights !== 'auto') return [options.weights];
  return WEIGHT_STORAGES.filter((storage) => storage !== '16bit' || isNarrow(weights));
}

/** Whether keeping weights as they are stored saves much. */
export function isNarrow({ stored, float32 }: WeightSizes): boolean {
  return stored < float32 * NARROW_SHARE;
}

function refuseImpossibleWeights({ options, weights }: ChoiceRequest): void {
  const place = { field: 'engine.weights' };
  if (options.weights === '16bit' && !isNarrow(weights)) {
    throw new ExpectedError(
      'memory/lossyWeights',
      'engine.weights is "16bit", but the checkpoint holds float32 weights, which 16 bits would change',
      'Set it to "auto" or "streamed", or convert the checkpoint to BF16 and train on that one.',
      place,
    );
  }
  if (options.plan === 'wholeGraph' && (options.weights === '16bit' || options.weights === 'streamed')) {
    throw new ExpectedError(
      'memory/weightsNeedLayers',
      `engine.weights is "${options.weights}", which only the layered plan can do, and engine.plan is "wholeGraph"`,
      'Let engine.plan be "auto" or "layered".',
      place,
    );
  }
}

function storageReasons(plan: PlanChoice, { options, weights }: ChoiceRequest): readonly string[] {
  if (plan.plan === 'wholeGraph' || plan.weights === 'float32') return [];
  if (options.weights !== 'auto') return [`weights are kept as asked for: ${plan.weights}`];
  const need = `in float32 they alone take ${megabytes(weights.float32)}`;
  return [
    plan.weights === '16bit'
      ? `weights stay in 16 bits and are widened layer by layer, with the same numbers: ${need}`
      : `weights are read from the checkpoint's files layer by layer in every pass: ${need}, as stored ${megabytes(weights.stored)}`,
  ];
}

/** From the largest useful one down, by halves; a given one is not questioned. */
function microBatchSizes({
  batchSize,
  microBatchSize,
  microBatchLimit = batchSize,
  longest,
}: ChoiceRequest): readonly number[] {
  if (microBatchSize !== 'auto') return [Math.min(microBatchSize, batchSize)];
  const sizes: number[] = [];
  let size = Math.max(1, Math.min(batchSize, microBatchLimit, Math.floor(USEFUL_TOKENS / longest)));
  for (; size > 1; size = Math.ceil(size / 2)) sizes.push(size);
  return [...sizes, 1];
}

/** From the fastest to the smallest, those only that the configuration allows. */
function plans(
  { config, options, longest, hasBlockedAttention, precision = 'float32' }: ChoiceRequest,
  microBatchSize: number,
  weights: WeightStorage,
): readonly PlanChoice[] {
  const logitBytes = microBatchSize * longest * config.vocabularySize * 4 * 2;
  const whole: PlanChoice = { plan: 'wholeGraph', headChunks: Math.max(1, Math.ceil(logitBytes / HEAD_CHUNK_BYTES)) };
  const attention = hasBlockedAttention && longest >= BLOCKED_FROM ? 'blocked' : 'whole';
  const layered = (['all', 'attention', 'none'] as const)
    .filter((saved) => options.savedActivations === 'auto' || options.savedActivations === saved)
    .map((savedActivations): PlanChoice => ({ plan: 'layered', savedActivations, weights, attention, precision }));
  if (weights !== 'float32') return layered;
  if (options.plan === 'auto') return options.savedActivations === 'auto' ? [whole, ...layered] : layered;
  return options.plan === 'wholeGraph' ? [whole] : layered;
}

/** A plan in words. */
function planName(choice: PlanChoice): string {
  if (choice.plan === 'wholeGraph') return 'the whole-graph plan';
  const saving = choice.savedActivations === 'none' ? '' : ` saving ${choice.savedActivations}`;
  const weights = { float32: '', '16bit': ', 16-bit weights', streamed: ', streamed weights' }[choice.weights];
  const precision = choice.precision === 'float16' ? ' in float16' : '';
  return `the layered plan${saving}${precision}${weights}`;
}

function doesNotFit(request: ChoiceRequest, neededBytes: number): ExpectedError {
  return new ExpectedError(
    'memory/doesNotFit',
    `the smallest allowed execution needs about ${megabytes(neededBytes)}, the budget is ${megabytes(request.budgetBytes)}`,
    'Shorten data.maxLength, choose a smaller k, let plan, weights and micro-batch be "auto", free memory, or raise engine.memoryBudgetMB.',
    { field: 'engine.memoryBudgetMB' },
  );
}

function megabytes(bytes: number): string {
  return `${String(Math.ceil(bytes / MEGABYTE))} MB`;
}
