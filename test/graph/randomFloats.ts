/** Reproducible random numbers for tests, uniform in [-scale, scale], by a name. */
import { float32Tensor, type HostTensor } from '../../engine/runtime/tensor.ts';

/** A small linear congruential generator (Numerical Recipes' constants) seeded by the characters of a name. */
function generator(name: string): () => number {
  let state = Array.from(name).reduce((hash, character) => (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0, 7);
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function randomFloats(length: number, scale: number, name: string): Float32Array {
  const next = generator(name);
  for (let i = 0; i < 10; i++) next();
  return Float32Array.from({ length }, () => (next() * 2 - 1) * scale);
}

export function randomTensor(shape: readonly number[], name: string, scale = 1): HostTensor {
  return float32Tensor(
    randomFloats(
      shape.reduce((total, size) => total * size, 1),
      scale,
      name,
    ),
    shape,
  );
}

/** Distinct ascending numbers below `below` in each of `rows` rows of `k`. */
export function randomColumns(rows: number, k: number, below: number, name: string): Int32Array {
  const next = generator(name);
  return Int32Array.from(
    Array.from({ length: rows }, () => {
      const chosen = new Set<number>();
      while (chosen.size < k) chosen.add(Math.floor(next() * below));
      return [...chosen].sort((a, b) => a - b);
    }).flat(),
  );
}
