/** Random order out of a seed: the same seed and purpose give the same order, on every machine and after every restart. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** What an order is for; each purpose (and epoch) draws from a stream of its own. */
export type OrderPurpose = 'heldOut' | 'examples' | 'batches' | 'officialSplit';

const PURPOSE_NUMBERS: Readonly<Record<OrderPurpose, number>> = {
  heldOut: 1,
  examples: 2,
  batches: 3,
  officialSplit: 4,
};

/** The numbers 0 .. count-1 in random order (Fisher-Yates). */
export function shuffledNumbers(count: number, seed: number, purpose: OrderPurpose, epoch = 0): Int32Array {
  const numbers = Int32Array.from({ length: count }, (_, index) => index);
  const random = xoroshiro128plus(mixSeed([seed, PURPOSE_NUMBERS[purpose], epoch]));
  for (let last = count - 1; last > 0; last -= 1) {
    const chosen = uniformInt(random, 0, last);
    const number = numbers[last] ?? 0;
    numbers[last] = numbers[chosen] ?? 0;
    numbers[chosen] = number;
  }
  return numbers;
}

/** Whole numbers up to 2^53 mixed into one 32-bit seed (the finalizer of MurmurHash3 after each 32-bit word). */
export function mixSeed(parts: readonly number[]): number {
  let hash = 0;
  for (const part of parts) {
    for (const word of [part >>> 0, Math.floor(part / 2 ** 32) >>> 0]) {
      hash = (hash + word + 0x9e3779b9) | 0;
      hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      hash ^= hash >>> 16;
    }
  }
  return hash;
}
