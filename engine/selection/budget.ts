/** How many connections each neuron gets: given as k, or found from the share of all parameters that may be trained. */
import { ExpectedError } from '../errors/expected.ts';
import type { TargetModule } from './targetModules.ts';

/** k where neither k nor a budget is given. */
const DEFAULT_K = 1;

export interface BudgetOptions {
  readonly k?: number | undefined;
  /** Largest share of `totalParameters` that may be trained. */
  readonly trainableShare?: number | undefined;
  readonly neuronShare: number;
}

/**
 * k per neuron. A budget becomes the largest k whose deltas stay within it; no module gets more than its columns.
 * @throws ExpectedError `selection/budgetTooSmall` where not even k = 1 stays within it
 */
export function connectionsPerNeuron(
  modules: readonly TargetModule[],
  totalParameters: number,
  { k, trainableShare, neuronShare }: BudgetOptions,
): number {
  if (trainableShare === undefined) return k ?? DEFAULT_K;
  const budget = trainableShare * totalParameters;
  let low = 0;
  let high = Math.max(...modules.map(({ columns }) => columns));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (trainableParameters(modules, middle, neuronShare) <= budget) low = middle;
    else high = middle - 1;
  }
  if (low > 0) return low;
  const needed = trainableParameters(modules, 1, neuronShare);
  throw new ExpectedError(
    'selection/budgetTooSmall',
    `one connection per neuron is ${String(needed)} parameters, ${percent(needed / totalParameters)} of the model, over the budget of ${percent(trainableShare)}`,
    'Raise the budget, or name fewer target modules or a smaller share of neurons.',
    { field: 'selection.trainableShare' },
  );
}

/** Deltas that k connections per neuron make. */
export function trainableParameters(modules: readonly TargetModule[], k: number, neuronShare: number): number {
  return modules.reduce(
    (total, { rows, columns }) => total + participatingNeurons(rows, neuronShare) * Math.min(k, columns),
    0,
  );
}

/** Neurons of a module that take part: the share, rounded, and at least one. */
export function participatingNeurons(rows: number, neuronShare: number): number {
  return Math.max(1, Math.round(rows * neuronShare));
}

function percent(share: number): string {
  return `${(share * 100).toPrecision(3)} %`;
}
