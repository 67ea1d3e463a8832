/** Tests figures as the extension writes them. */
import { expect, test } from 'vitest';
import { stepTimeText } from '../../extension/text/figures.ts';

test('a step is told in the unit that says something', () => {
  expect([0.4, 87, 999, 1_000, 2_540, 9_990, 10_000, 75_000].map(stepTimeText)).toEqual([
    ...['0 ms', '87 ms', '999 ms', '1.0 s', '2.5 s', '10.0 s', '10 s', '1 min 15 s'],
  ]);
});
