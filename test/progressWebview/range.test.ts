/** Tests the arithmetic of zooming and panning, and what the keys do. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plotKey } from '../../webview/progress/plot/plotKeyboard.ts';
import { chosen, panned, spanned, zoomed, type Range } from '../../webview/progress/state/range.ts';

const EXTENT: Range = [1, 1_000];

const RANGES = fc
  .tuple(fc.integer({ min: 1, max: 990 }), fc.integer({ min: 5, max: 900 }))
  .map(([from, span]): Range => [from, Math.min(1_000, from + span)]);

test('zooming in keeps the step under the pointer in its place', () => {
  fc.assert(
    fc.property(RANGES, fc.double({ min: 0, max: 1, noNaN: true }), ([from, to], share) => {
      fc.pre(to - from > 10);
      const at = from + share * (to - from);
      const result = zoomed([from, to], EXTENT, at, 0.5)!;
      expect(result[1] - result[0]).toBeCloseTo((to - from) / 2, 6);
      expect((at - result[0]) / (result[1] - result[0])).toBeCloseTo(share, 6);
    }),
  );
});

test('no zoom and no pan leaves what was trained', () => {
  fc.assert(
    fc.property(RANGES, fc.double({ min: 0.1, max: 20, noNaN: true }), (range, factor) => {
      for (const result of [zoomed(range, EXTENT, range[0], factor), panned(range, EXTENT, factor - 10)]) {
        if (result === null) continue;
        expect(result[0]).toBeGreaterThanOrEqual(1);
        expect(result[1]).toBeLessThanOrEqual(1_000);
      }
    }),
  );
});

test('zooming out to everything is no range, so that new steps are followed', () => {
  expect(zoomed([400, 600], EXTENT, 500, 100)).toBeNull();
  expect(chosen(1, 1_000, EXTENT)).toBeNull();
});

test('a range chosen backwards or too narrow is one that can be read', () => {
  expect(chosen(300, 200, EXTENT)).toEqual([200, 300]);
  expect(chosen(500, 500, EXTENT)).toEqual([498, 502]);
});

test('runs of different lengths span the longest', () => {
  expect(spanned([null, [5, 10], [1, 7]])).toEqual([1, 10]);
  expect(spanned([null])).toBeNull();
});

function press(key: string, cursorStep: number | null, range: Range = EXTENT, shiftKey = false) {
  const event = { key, shiftKey, ctrlKey: false, metaKey: false, altKey: false } as KeyboardEvent;
  return plotKey(event, { range, extent: EXTENT, cursorStep }, 500);
}

test('arrows move the cursor by a pixel, by one step when zoomed in, and stay in sight', () => {
  expect(press('ArrowLeft', null)).toEqual({ step: 998 });
  expect(press('ArrowRight', 20, [10, 30])).toEqual({ step: 21 });
  expect(press('ArrowRight', 20, [10, 30], true)).toEqual({ step: 30 });
  expect(press('Home', 20, [10.5, 30])).toEqual({ step: 11 });
});

test('Escape resets, and keys of the editor are left to it', () => {
  expect(press('Escape', 20, [10, 30])).toEqual({ range: null, step: null });
  expect(press('a', null)).toBeUndefined();
  const chord = { key: '+', ctrlKey: true } as KeyboardEvent;
  expect(plotKey(chord, { range: EXTENT, extent: EXTENT, cursorStep: null }, 500)).toBeUndefined();
});
