/** Names of runs that repeat another one. */
import { expect, test } from 'vitest';
import { freeName } from '../../extension/launch/freeName.ts';

test.each([
  ['maths', [], 'maths'],
  ['maths', ['maths'], 'maths 2'],
  ['maths', ['maths', 'maths 2'], 'maths 3'],
  ['maths 3', ['maths 3'], 'maths 4'],
  ['Llama 3 8', ['Llama 3 8'], 'Llama 3 9'],
])('%s among %j becomes %s', (name, taken, expected) => {
  expect(freeName(name, taken)).toBe(expected);
});
