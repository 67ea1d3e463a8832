/** The scale of the loss follows what gradients allow. */
import { expect, test } from 'vitest';
import {
  afterGoodStep,
  afterOverflow,
  INITIAL_LOSS_SCALE,
  type LossScale,
} from '../../engine/training/optimization/lossScale.ts';

function afterGoodSteps(start: LossScale, count: number): LossScale {
  let state = start;
  for (let step = 0; step < count; step++) state = afterGoodStep(state);
  return state;
}

test('it doubles after 2000 good steps in a row', () => {
  expect(afterGoodSteps(INITIAL_LOSS_SCALE, 1999)).toEqual({ scale: 2 ** 16, goodSteps: 1999 });
  expect(afterGoodSteps(INITIAL_LOSS_SCALE, 2000)).toEqual({ scale: 2 ** 17, goodSteps: 0 });
});

test('it halves, and counts anew, where gradients are infinite', () => {
  expect(afterOverflow({ scale: 2 ** 16, goodSteps: 1500 })).toEqual({ scale: 2 ** 15, goodSteps: 0 });
});

test('it stays within its bounds', () => {
  expect(afterGoodSteps({ scale: 2 ** 24, goodSteps: 0 }, 5000).scale).toBe(2 ** 24);
  expect(afterOverflow({ scale: 1, goodSteps: 7 })).toBeUndefined();
});
