import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  planEpoch,
  planEvaluation,
  splitMicroBatches,
  stepsPerEpoch,
  type EpochOptions,
} from '../../engine/data/batches/epochPlan.ts';
import { packRows } from '../../engine/data/batches/rowPacking.ts';
import { recordsForLimit, splitHeldOut } from '../../engine/data/batches/heldOut.ts';
import { expectedError } from './dataFolder.ts';

const MAX_LENGTH = 64;
const lengthsOf = fc
  .array(fc.integer({ min: 1, max: MAX_LENGTH }), { maxLength: 400 })
  .map((list) => Int32Array.from(list));
const options = fc.record<EpochOptions>({
  batchSize: fc.integer({ min: 1, max: 20 }),
  batching: fc.constantFrom('lengthSorted', 'packed', 'shuffled'),
  maxLength: fc.constant(MAX_LENGTH),
  seed: fc.nat(),
  epoch: fc.integer({ min: 0, max: 5 }),
});
const ascending = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);
const rowLength = (lengths: Int32Array, row: readonly number[]): number => row.reduce((sum, n) => sum + lengths[n]!, 0);

describe('the plan of an epoch', () => {
  test('holds every example exactly once, in as many steps as said, and rows within the length', () => {
    fc.assert(
      fc.property(lengthsOf, options, (lengths, settings) => {
        const plan = planEpoch(lengths, settings);
        expect(ascending(plan.flat(2))).toEqual([...lengths.keys()]);
        expect(plan).toHaveLength(stepsPerEpoch(lengths.length, settings.batchSize));
        const sizes = ascending(plan.map((batch) => batch.flat().length));
        expect(sizes.slice(1).every((size) => size === settings.batchSize)).toBe(true);
        for (const batch of plan) {
          const rows = batch.map((row) => rowLength(lengths, row));
          expect(rows).toEqual(ascending(rows).reverse());
          expect(rows[0]).toBeLessThanOrEqual(MAX_LENGTH);
          if (settings.batching !== 'packed') expect(batch.every((row) => row.length === 1)).toBe(true);
        }
      }),
    );
  });

  test('is the same for the same seed and epoch, and another for others', () => {
    const lengths = Int32Array.from({ length: 300 }, (_, index) => 1 + ((index * 37) % 60));
    for (const batching of ['lengthSorted', 'packed', 'shuffled'] as const) {
      const plan = (seed: number, epoch: number): string =>
        JSON.stringify(planEpoch(lengths, { batchSize: 8, batching, maxLength: 64, seed, epoch }));
      const plans = [plan(42, 0), plan(42, 1), plan(43, 0), plan(42 + 2 ** 32, 0)];
      expect(new Set(plans).size).toBe(plans.length);
      expect(plan(42, 1)).toBe(plans[1]);
    }
  });

  test('does not change from version to version: the order is pinned', () => {
    const lengths = Int32Array.from([5, 3, 8, 1, 9, 2, 7]);
    const plan = (batching: EpochOptions['batching']): string =>
      JSON.stringify(planEpoch(lengths, { batchSize: 3, batching, maxLength: 12, seed: 42, epoch: 0 }));
    expect(plan('lengthSorted')).toMatchInlineSnapshot(`"[[[3]],[[4],[2],[6]],[[0],[1],[5]]]"`);
    expect(plan('packed')).toMatchInlineSnapshot(`"[[[0,1,3]],[[2,5],[4]],[[6]]]"`);
    expect(plan('shuffled')).toMatchInlineSnapshot(`"[[[0],[1],[3]],[[4],[2],[5]],[[6]]]"`);
  });

  test('sorting by length and packing save padding', () => {
    const lengths = Int32Array.from({ length: 2000 }, (_, index) => 10 + ((index * 7919) % 491));
    const usedShare = (batching: EpochOptions['batching']): number => {
      const plan = planEpoch(lengths, { batchSize: 16, batching, maxLength: 512, seed: 1, epoch: 0 });
      const padded = plan.reduce((sum, batch) => sum + batch.length * rowLength(lengths, batch[0]!), 0);
      return lengths.reduce((a, b) => a + b, 0) / padded;
    };
    expect(usedShare('lengthSorted')).toBeGreaterThan(0.95);
    expect(usedShare('packed')).toBeGreaterThan(0.9);
    expect(usedShare('shuffled')).toBeLessThan(0.7);
  });
});

test('evaluation takes every example once, the longest first', () => {
  const lengths = Int32Array.from([3, 9, 5, 9, 1]);
  expect(planEvaluation(lengths, 2)).toEqual([[[1], [3]], [[2], [0]], [[4]]]);
});

test('micro-batches put together are the batch', () => {
  fc.assert(
    fc.property(lengthsOf, options, fc.integer({ min: 1, max: 9 }), (lengths, settings, microBatchSize) => {
      for (const batch of planEpoch(lengths, settings)) {
        const parts = splitMicroBatches(batch, microBatchSize);
        expect(parts.flat()).toEqual(batch);
        expect(parts.slice(0, -1).every((part) => part.length === microBatchSize)).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});

describe('packing', () => {
  test('takes every item once, at most as many rows as first fit decreasing needs in the worst case', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 40 }), (lengths) => {
        const rows = packRows([...lengths.keys()], (item) => lengths[item]!, 50);
        expect(ascending(rows.flat())).toEqual([...lengths.keys()]);
        const total = lengths.reduce((a, b) => a + b, 0);
        expect(rows.length).toBeLessThanOrEqual(Math.floor((11 / 9) * Math.ceil(total / 25) + 1));
        expect(rows.every((row) => row.reduce((sum, item) => sum + lengths[item]!, 0) <= 50)).toBe(true);
      }),
    );
  });

  test('evens rows out: five of four tokens in two rows need twelve, not sixteen', () => {
    const rows = packRows([0, 1, 2, 3, 4], () => 4, 16);
    expect(rows.map((row) => row.length)).toEqual([3, 2]);
  });

  test('an item longer than a row is a mistake of the caller', () => {
    expect(() => packRows([0], () => 9, 8)).toThrow(RangeError);
  });
});

describe('held-out examples', () => {
  test('are disjoint from the others, ascending, and the same for the same seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 500 }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.nat(),
        (count, share, seed) => {
          const { train, evaluation } = splitHeldOut(count, { share }, seed);
          expect(ascending([...train, ...evaluation])).toEqual(Array.from({ length: count }, (_, index) => index));
          expect([...train]).toEqual(ascending(train));
          expect([...evaluation]).toEqual(ascending(evaluation));
          expect(evaluation).toHaveLength(Math.max(1, Math.round(count * share)));
          expect(splitHeldOut(count, { share }, seed)).toEqual({ train, evaluation });
        },
      ),
    );
    expect(splitHeldOut(1000, { count: 20 }, 1).evaluation).not.toEqual(
      splitHeldOut(1000, { count: 20 }, 2).evaluation,
    );
  });

  test('must leave something for training', async () => {
    const error = await expectedError(() => splitHeldOut(10, { count: 10 }, 1));
    expect([error.code, error.place.field]).toEqual(['data/heldOutTooLarge', 'data.evaluation']);
  });

  test('are read in addition to the limit', () => {
    expect(recordsForLimit(100, undefined)).toBe(100);
    expect(recordsForLimit(100, { count: 20 })).toBe(120);
    expect(recordsForLimit(100, { share: 0.2 })).toBe(125);
    expect(recordsForLimit(1, { share: 0.01 })).toBe(2);
  });
});
