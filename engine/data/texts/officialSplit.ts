/** The official protocol on GLUE: one part of the evaluation data chooses the best epoch, the other tests it. */
import { shuffledNumbers } from '../batches/seededOrder.ts';

/** Where the evaluation data has more than this many examples, a fixed number of them chooses. */
const MANY = 5000;
const CHOOSING_OF_MANY = 1000;

/** Numbers of examples, ascending: a half each, or 1000 that choose where there are more than 5000. */
export function halveEvaluation(
  count: number,
  seed: number,
): { readonly choosing: Int32Array; readonly testing: Int32Array } {
  const choosing = count > MANY ? CHOOSING_OF_MANY : Math.floor(count / 2);
  const order = shuffledNumbers(count, seed, 'officialSplit');
  return { choosing: order.slice(0, choosing).sort(), testing: order.slice(choosing).sort() };
}
