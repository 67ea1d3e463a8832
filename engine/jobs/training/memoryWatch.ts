/** Tells when a run's memory runs short, by failed allocations or by what is left, and what the run can go on with. */
import { ExpectedError } from '../../errors/expected.ts';
import { memoryShortage } from '../../runtime/memory.ts';
import type { SettledExecution } from '../preparation/execution.ts';

/** Steps after a change during which the process may still hold what it has given up. */
const SETTLING_STEPS = 2;

/** Memory ran short: why, and how the run goes on. */
export interface Relief {
  /** In words. */
  readonly cause: string;
  readonly execution: SettledExecution;
}

/** What the watch found after a step. */
export type Finding =
  | { readonly kind: 'enough' }
  | { readonly kind: 'relief'; readonly relief: Relief }
  /** There is nothing smaller, and the process takes more than its budget: said once. */
  | { readonly kind: 'overBudget'; readonly cause: string };

export class MemoryWatch {
  readonly #budgetBytes: number | undefined;
  readonly #smaller: (current: SettledExecution) => SettledExecution | undefined;
  #stepsSinceChange = SETTLING_STEPS;
  #hasWarned = false;

  /**
   * @param budgetBytes what the process may take; undefined where only the machine's memory bounds it
   * @param smaller the next execution that needs much less than another, where there is one
   */
  constructor(budgetBytes: number | undefined, smaller: (current: SettledExecution) => SettledExecution | undefined) {
    this.#budgetBytes = budgetBytes;
    this.#smaller = smaller;
  }

  /**
   * To be called after every step, before memory is taken for the next.
   * @throws ExpectedError `memory/exhausted` where the machine's memory is nearly used up and nothing smaller is left
   */
  afterStep(current: SettledExecution): Finding {
    this.#stepsSinceChange += 1;
    const isSettled = this.#stepsSinceChange > SETTLING_STEPS;
    const shortage = memoryShortage(isSettled ? this.#budgetBytes : undefined);
    if (shortage === undefined) return { kind: 'enough' };
    const relief = this.#relief(shortage.text, current);
    if (relief !== undefined) return { kind: 'relief', relief };
    if (shortage.scope === 'machine') throw exhausted(shortage.text);
    if (this.#hasWarned) return { kind: 'enough' };
    this.#hasWarned = true;
    return { kind: 'overBudget', cause: shortage.text };
  }

  /** How to go on after a failure; undefined where it is no failed allocation, or nothing smaller is left. */
  afterFailure(error: unknown, current: SettledExecution): Relief | undefined {
    if (!isFailedAllocation(error)) return undefined;
    return this.#relief(error instanceof ExpectedError ? error.problem : error.message, current);
  }

  #relief(cause: string, current: SettledExecution): Relief | undefined {
    const execution = this.#smaller(current);
    if (execution === undefined) return undefined;
    this.#stepsSinceChange = 0;
    return { cause, execution };
  }
}

/** Told by the runtime, by the system, or by the language when an array finds no room. */
function isFailedAllocation(error: unknown): error is Error {
  if (error instanceof ExpectedError) return error.code === 'runtime/outOfMemory';
  if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOMEM') return true;
  return error instanceof RangeError && /allocation failed/i.test(error.message);
}

function exhausted(text: string): ExpectedError {
  return new ExpectedError(
    'memory/exhausted',
    `${text}, and the run cannot go on with less`,
    'Free memory (close other programs), then resume the run; or shorten data.maxLength.',
  );
}
