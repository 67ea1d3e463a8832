import { expect, test } from 'vitest';
import { parseNumberList } from '../../extension/methodComparison/numberList.ts';

test('reads whole numbers, each once, however they are set apart', () => {
  expect(parseNumberList('1, 5;20  5', 1)).toEqual([1, 5, 20]);
  expect(parseNumberList('  ', 1)).toEqual([]);
  expect(parseNumberList('0', 0)).toEqual([0]);
});

test.each(['0', '1.5', 'one', '-3', '1e400'])('refuses %s', (text) => {
  expect(parseNumberList(text, 1)).toBeUndefined();
});
