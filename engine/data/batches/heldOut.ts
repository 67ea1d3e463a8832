/** Which examples are held out of training for evaluation: a share or a count of them, drawn by the seed. */
import { ExpectedError } from '../../errors/expected.ts';
import { shuffledNumbers } from './seededOrder.ts';

export type HeldOutPart = { readonly share: number } | { readonly count: number };

export interface HeldOutSplit {
  /** Example numbers, ascending. */
  readonly train: Int32Array;
  readonly evaluation: Int32Array;
}

/**
 * Holds out `count` examples, or `share` of them rounded to the nearest whole number and at least one.
 * @throws ExpectedError `data/heldOutTooLarge` where no example would be left for training
 */
export function splitHeldOut(exampleCount: number, part: HeldOutPart, seed: number): HeldOutSplit {
  const held = 'count' in part ? part.count : Math.max(1, Math.round(exampleCount * part.share));
  if (held >= exampleCount) {
    throw new ExpectedError(
      'data/heldOutTooLarge',
      `${String(held)} of ${String(exampleCount)} examples would be held out, which leaves none for training`,
      'Hold out fewer, give more training data, or name a file of its own in data.evaluation.',
      { field: 'data.evaluation' },
    );
  }
  const order = shuffledNumbers(exampleCount, seed, 'heldOut');
  return { train: order.slice(held).sort(), evaluation: order.slice(0, held).sort() };
}

/** How many records to read so that about `limit` are left for training when `part` of them is held out. */
export function recordsForLimit(limit: number, part: HeldOutPart | undefined): number {
  if (part === undefined) return limit;
  return 'count' in part ? limit + part.count : Math.max(limit + 1, Math.round(limit / (1 - part.share)));
}
