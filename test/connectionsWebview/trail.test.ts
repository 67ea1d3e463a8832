/** Tests the places that are gone back to. */
import { expect, test } from 'vitest';
import { restoredState } from '../../webview/connections/state/viewState.ts';
import { Trail, type TrailPlace } from '../../webview/connections/state/trail.ts';

const at = (row: number): TrailPlace => ({ ...restoredState(undefined), page: 'matrix', selected: { row } });
const rowOf = (place: TrailPlace | undefined): number | undefined => place?.selected?.row;

test('leads back and forth over the places that were left', () => {
  const trail = new Trail();
  expect(trail.back(at(0))).toBeUndefined();
  trail.leave(at(1));
  trail.leave(at(2));
  expect(rowOf(trail.back(at(3)))).toBe(2);
  expect(rowOf(trail.back(at(2)))).toBe(1);
  expect(trail.canGoBack).toBe(false);
  expect(rowOf(trail.forward(at(1)))).toBe(2);
  expect(rowOf(trail.forward(at(2)))).toBe(3);
  expect(trail.canGoForward).toBe(false);
});

test('gives up what lay ahead when another link is followed, and keeps nothing but places', () => {
  const trail = new Trail();
  trail.leave(at(1));
  trail.back(at(2));
  trail.leave(at(1));
  expect(trail.canGoForward).toBe(false);
  expect(Object.keys(trail.back(at(4))!).sort()).toEqual([
    ...['centre', 'layer', 'module', 'page', 'selected', 'side', 'zoom'],
  ]);
});

test('keeps a hundred places', () => {
  const trail = new Trail();
  for (let row = 0; row < 150; row += 1) trail.leave(at(row));
  let place: TrailPlace | undefined = at(150);
  let steps = 0;
  while (trail.canGoBack) {
    place = trail.back(place!);
    steps += 1;
  }
  expect([steps, rowOf(place)]).toEqual([100, 50]);
});
