/** The settings that are nearest to those of a run and need less memory, with what each would need. */
import type { MemoryEstimate, PlanChoice } from './memoryEstimate.ts';
import { estimateMemory } from './memoryEstimate.ts';
import { BLOCKED_FROM, isNarrow, type ChoiceRequest } from './planChoice.ts';

/** How a run would execute. */
export interface ExecutionShape {
  readonly plan: PlanChoice;
  readonly microBatchSize: number;
  /** Tokens of the longest row. */
  readonly longest: number;
}

export interface Alternative extends ExecutionShape {
  /** Values of the configuration's fields that lead to it. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly memory: MemoryEstimate;
}

/** Rows are not made shorter than this. */
const SHORTEST = 64;

/** Each changes one thing of `current`; only those that save memory, the smallest change of each kind. */
export function alternatives(request: ChoiceRequest, current: ExecutionShape): readonly Alternative[] {
  const { config, weights, layout, batchSize } = request;
  const memoryOf = ({ plan, microBatchSize, longest }: ExecutionShape): MemoryEstimate =>
    estimateMemory(config, weights, layout, plan, microBatchSize, longest, microBatchSize < batchSize);
  const needed = memoryOf(current).total;
  return [...changes(request, current)]
    .map(({ settings, ...change }): Alternative => {
      const shape = { ...current, ...change };
      return { ...shape, settings, memory: memoryOf(shape) };
    })
    .filter(({ memory }) => memory.total < needed);
}

type Change = Partial<ExecutionShape> & Pick<Alternative, 'settings'>;

function* changes(request: ChoiceRequest, { plan, microBatchSize, longest }: ExecutionShape): Generator<Change> {
  if (microBatchSize > 1) {
    const smaller = Math.ceil(microBatchSize / 2);
    yield { settings: { 'training.microBatchSize': smaller }, microBatchSize: smaller };
  }
  if (longest >= 2 * SHORTEST) {
    const shorter = Math.ceil(longest / 2);
    yield { settings: { 'data.maxLength': shorter }, longest: shorter };
  }
  const { relaxedOptions, hasBlockedAttention, weights } = request;
  const attention =
    plan.plan === 'layered' ? plan.attention : hasBlockedAttention && longest >= BLOCKED_FROM ? 'blocked' : 'whole';
  const layered = { plan: 'layered', savedActivations: 'none', weights: 'float32', attention } as const;
  const layers = { 'engine.plan': 'layered', 'engine.savedActivations': 'none' };
  const isFreeToChoose = relaxedOptions.plan !== undefined;
  if (isFreeToChoose && (plan.plan === 'wholeGraph' || plan.savedActivations !== 'none')) {
    yield { settings: layers, plan: { ...layered, weights: plan.plan === 'layered' ? plan.weights : 'float32' } };
  }
  if (relaxedOptions.weights !== 'auto') return;
  const storage = plan.plan === 'layered' ? plan.weights : 'float32';
  if (storage === 'float32' && isNarrow(weights)) {
    yield { settings: { ...layers, 'engine.weights': '16bit' }, plan: { ...layered, weights: '16bit' } };
  }
  if (storage !== 'streamed') {
    yield { settings: { ...layers, 'engine.weights': 'streamed' }, plan: { ...layered, weights: 'streamed' } };
  }
}
