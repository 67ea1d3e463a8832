import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collate, PADDING_SEGMENT } from '../../engine/data/batches/microBatch.ts';
import type { TokenizedExample } from '../../engine/data/tokenization.ts';

const PAD = 99;
const place = { file: 'data.jsonl', line: 1, unit: 'line' } as const;
const example = (tokens: readonly number[], labels: readonly number[]): TokenizedExample => ({
  tokens: Int32Array.from(tokens),
  isLabel: Uint8Array.from(labels),
  place,
});

test('rows of single examples are padded at the right, without segments', () => {
  const batch = collate([[example([1, 2, 3], [0, 0, 1])], [example([4, 5], [0, 1])]], PAD);
  expect(batch).toEqual({
    batchSize: 2,
    sequenceLength: 8,
    tokenIds: Int32Array.from([1, 2, 3, PAD, PAD, PAD, PAD, PAD, 4, 5, PAD, PAD, PAD, PAD, PAD, PAD]),
    positions: Int32Array.from([0, 1, 2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    segments: null,
    labelRows: Int32Array.from([1, 8]),
    labels: Int32Array.from([3, 5]),
    tokenCount: 5,
  });
});

test('packed examples start again at position 0, in segments of their own, and never predict their first token', () => {
  const batch = collate([[example([1, 2, 3], [0, 1, 1]), example([4, 5, 6, 7, 8, 9], [1, 1, 0, 1, 1, 1])]], PAD);
  const none = PADDING_SEGMENT;
  expect(batch.sequenceLength).toBe(16);
  expect([...batch.positions.slice(0, 10)]).toEqual([0, 1, 2, 0, 1, 2, 3, 4, 5, 0]);
  expect([...(batch.segments ?? [])]).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 1, none, none, none, none, none, none, none]);
  expect([...batch.labelRows]).toEqual([0, 1, 3, 5, 6, 7]);
  expect([...batch.labels]).toEqual([2, 3, 5, 7, 8, 9]);
});

test('every label is predicted once, from the token before it in its own example', () => {
  const examples = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 90 }), fc.boolean()), { minLength: 1, maxLength: 30 })
    .map((tokens) =>
      example(
        tokens.map(([id]) => id),
        tokens.map(([, label]) => Number(label)),
      ),
    );
  const rows = fc.array(fc.array(examples, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rows, (list) => {
      const batch = collate(list, PAD);
      const { sequenceLength, tokenIds, positions, segments, labelRows, labels } = batch;
      expect(sequenceLength % 8).toBe(0);
      expect(tokenIds).toHaveLength(list.length * sequenceLength);
      const expected = list
        .flat()
        .flatMap(({ tokens, isLabel }) => [...tokens].filter((_, t) => t > 0 && isLabel[t] === 1));
      expect([...labels]).toEqual(expected);
      for (const [index, p] of labelRows.entries()) {
        expect(tokenIds[p + 1]).toBe(labels[index]);
        expect(positions[p + 1]).toBe(positions[p]! + 1);
        if (segments !== null) expect(segments[p]).toBe(segments[p + 1]);
        expect(Math.floor(p / sequenceLength)).toBe(Math.floor((p + 1) / sequenceLength));
      }
      const unpadded = list.map((row) => row.flatMap(({ tokens }) => [...tokens]));
      for (const [b, row] of unpadded.entries()) {
        const padding = Array.from({ length: sequenceLength - row.length }, () => PAD);
        expect([...tokenIds.subarray(b * sequenceLength, (b + 1) * sequenceLength)]).toEqual([...row, ...padding]);
      }
      expect(batch.tokenCount).toBe(unpadded.flat().length);
      expect(segments === null).toBe(list.every((row) => row.length === 1));
    }),
  );
});
