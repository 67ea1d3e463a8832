/** The choice of tokens: what each option keeps, and that draws follow the distribution. */
import { describe, expect, test } from 'vitest';
import { chooseToken, GREEDY, type SamplingOptions } from '../../engine/generation/sampling.ts';

const PROBABILITIES = [0.4, 0.3, 0.2, 0.06, 0.04];
const logits = (): Float32Array => Float32Array.from(PROBABILITIES, Math.log);

/** Shares of the tokens over evenly spaced random numbers. */
function shares(options: Partial<SamplingOptions>, seen: readonly number[] = []): number[] {
  const counts = PROBABILITIES.map(() => 0);
  const draws = 1000;
  for (let draw = 0; draw < draws; draw++) {
    const sampling = { ...GREEDY, temperature: 1, ...options };
    const token = chooseToken(logits(), new Set(seen), sampling, () => (draw + 0.5) / draws);
    counts[token] = (counts[token] ?? 0) + 1 / draws;
  }
  return counts;
}

function expectShares(found: readonly number[], expected: readonly number[]): void {
  expected.forEach((share, token) => {
    expect(found[token]).toBeCloseTo(share, 2);
  });
}

describe('chooseToken', () => {
  test('temperature 0 takes the most probable token, of equals the first, and asks for no random number', () => {
    const never = (): number => {
      throw new Error('asked');
    };
    expect(chooseToken(logits(), new Set(), GREEDY, never)).toBe(0);
    expect(chooseToken(Float32Array.of(1, 3, 3), new Set(), GREEDY, never)).toBe(1);
  });

  test('temperature 1 draws by the probabilities, a lower one sharpens them', () => {
    expectShares(shares({}), PROBABILITIES);
    const squares = PROBABILITIES.map((p) => p * p);
    const total = squares.reduce((sum, p) => sum + p, 0);
    expectShares(
      shares({ temperature: 0.5 }),
      squares.map((p) => p / total),
    );
  });

  test('top-k keeps the k most probable', () => {
    expectShares(shares({ topK: 2 }), [4 / 7, 3 / 7, 0, 0, 0]);
    expectShares(shares({ topK: 99 }), PROBABILITIES);
  });

  test('top-p keeps the fewest that reach it', () => {
    expectShares(shares({ topP: 0.39 }), [1, 0, 0, 0, 0]);
    expectShares(shares({ topP: 0.69 }), [4 / 7, 3 / 7, 0, 0, 0]);
    expectShares(shares({ topP: 0.71 }), [4 / 9, 3 / 9, 2 / 9, 0, 0]);
  });

  test('the repetition penalty makes seen tokens less probable, whatever the sign of their logits', () => {
    const penalized = { ...GREEDY, repetitionPenalty: 2 };
    expect(chooseToken(Float32Array.of(3, 2), new Set([0]), penalized, () => 0)).toBe(1);
    expect(chooseToken(Float32Array.of(-1, -1.5), new Set([0]), penalized, () => 0)).toBe(1);
    expect(chooseToken(Float32Array.of(3, 1), new Set([0]), penalized, () => 0)).toBe(0);
  });
});
