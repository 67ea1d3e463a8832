/** Random choices out of a seed that depend on what is chosen for, not on the order of the choices. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Draws `count` different numbers below `limit`, ascending, into `into` from `offset` on. */
export type Sampler = (into: Int32Array, offset: number) => void;

/**
 * A sampler of its own stream: the same seed and purpose give the same draws.
 * @param purpose such as a module's name and what is drawn for it
 */
export function createSampler(seed: number, purpose: string, count: number, limit: number): Sampler {
  const random = purposeGenerator(seed, purpose);
  const numbers = Int32Array.from({ length: limit }, (_, index) => index);
  const swapped = new Int32Array(count);
  return (into, offset) => {
    for (let i = 0; i < count; i += 1) {
      const other = uniformInt(random, i, limit - 1);
      swapped[i] = other;
      swap(numbers, i, other);
    }
    into.set(numbers.subarray(0, count), offset);
    into.subarray(offset, offset + count).sort();
    for (let i = count - 1; i >= 0; i -= 1) swap(numbers, i, swapped[i]!);
  };
}

/** A generator of its own stream: the same seed and purpose give the same numbers. */
export function purposeGenerator(seed: number, purpose: string): ReturnType<typeof xoroshiro128plus> {
  return xoroshiro128plus(hash(`${String(seed)}\n${purpose}`));
}

function swap(numbers: Int32Array, a: number, b: number): void {
  const number = numbers[a]!;
  numbers[a] = numbers[b]!;
  numbers[b] = number;
}

/** FNV-1a of the text's UTF-8 bytes, as a signed 32-bit integer. */
function hash(text: string): number {
  let value = 0x811c9dc5 | 0;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}
