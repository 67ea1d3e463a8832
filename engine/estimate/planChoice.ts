/** Chooses how a run executes: the fastest plan and the largest useful micro-batch that stay within the memory budget. */
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';
import { ExpectedError } from '../errors/expected.ts';
import type { RunConfiguration } from '../protocol/configuration.ts';
import type { DeltaLayout } from '../training/deltaLayout.ts';
import { estimateMemory, type MemoryEstimate, type PlanChoice } from './memoryEstimate.ts';

/** What a run does with each of its steps. */
export interface ExecutionChoice {
  readonly plan: PlanChoice;
  /** Rows that go through the model at once. */
  readonly microBatchSize: number;
  readonly memory: MemoryEstimate;
  /** In words, for the run's log. */
  readonly reasons: readonly string[];
}

export interface ChoiceRequest {
  readonly config: DecoderConfig;
  readonly layout: DeltaLayout;
  readonly options: Pick<RunConfiguration['engine'], 'plan' | 'savedActivations'>;
  readonly batchSize: number;
  readonly microBatchSize: number | 'auto';
  /** Tokens of the longest row. */
  readonly longest: number;
  readonly budgetBytes: number;
}

/** Beyond this many tokens at once a larger micro-batch is not expected to gain speed. */
const USEFUL_TOKENS = 2048;
/** Logits and probabilities of one head chunk of the whole-graph plan stay below this. */
const HEAD_CHUNK_BYTES = 512e6;
const MEGABYTE = 1e6;

/** @throws ExpectedError `memory/doesNotFit` with the smallest choice's need, where nothing stays within the budget */
export function chooseExecution(request: ChoiceRequest): ExecutionChoice {
  const rejected: string[] = [];
  let smallest: MemoryEstimate | undefined;
  for (const microBatchSize of microBatchSizes(request)) {
    for (const plan of plans(request, microBatchSize)) {
      const memory = estimateMemory(request.config, request.layout, plan, microBatchSize, request.longest);
      const name = `${planName(plan)} with ${String(microBatchSize)} rows at once`;
      if (memory.total <= request.budgetBytes) {
        const chosen = `${name} needs about ${megabytes(memory.total)} of ${megabytes(request.budgetBytes)}`;
        return { plan, microBatchSize, memory, reasons: [chosen, ...rejected] };
      }
      rejected.push(`not ${name}: it needs about ${megabytes(memory.total)}`);
      if (smallest === undefined || memory.total < smallest.total) smallest = memory;
    }
  }
  throw doesNotFit(request, smallest?.total ?? 0);
}

/** From the largest useful one down, by halves; a given one is not questioned. */
function microBatchSizes({ batchSize, microBatchSize, longest }: ChoiceRequest): readonly number[] {
  if (microBatchSize !== 'auto') return [Math.min(microBatchSize, batchSize)];
  const sizes: number[] = [];
  let size = Math.max(1, Math.min(batchSize, Math.floor(USEFUL_TOKENS / longest)));
  for (; size > 1; size = Math.ceil(size / 2)) sizes.push(size);
  return [...sizes, 1];
}

/** From the fastest to the smallest, those only that the configuration allows. */
function plans({ config, options, longest }: ChoiceRequest, microBatchSize: number): readonly PlanChoice[] {
  const logitBytes = microBatchSize * longest * config.vocabularySize * 4 * 2;
  const whole: PlanChoice = { plan: 'wholeGraph', headChunks: Math.max(1, Math.ceil(logitBytes / HEAD_CHUNK_BYTES)) };
  const layered = (['all', 'attention', 'none'] as const)
    .filter((saved) => options.savedActivations === 'auto' || options.savedActivations === saved)
    .map((savedActivations): PlanChoice => ({ plan: 'layered', savedActivations }));
  if (options.plan === 'auto') return options.savedActivations === 'auto' ? [whole, ...layered] : layered;
  return options.plan === 'wholeGraph' ? [whole] : layered;
}

/** A plan in words. */
function planName(choice: PlanChoice): string {
  if (choice.plan === 'wholeGraph') return 'the whole-graph plan';
  return choice.savedActivations === 'none' ? 'the layered plan' : `the layered plan saving ${choice.savedActivations}`;
}

function doesNotFit(request: ChoiceRequest, neededBytes: number): ExpectedError {
  return new ExpectedError(
    'memory/doesNotFit',
    `the smallest allowed execution needs about ${megabytes(neededBytes)}, the budget is ${megabytes(request.budgetBytes)}`,
    'Shorten data.maxLength, choose a smaller k, let plan and micro-batch be "auto", free memory, or raise engine.memoryBudgetMB.',
    { field: 'engine.memoryBudgetMB' },
  );
}

function megabytes(bytes: number): string {
  return `${String(Math.ceil(bytes / MEGABYTE))} MB`;
}
