/** Tests scales: order, ends, zero, inverses, and ticks that stand apart. */
import { describe, expect, test } from 'vitest';
import { colorIndex, magnitudeAt, magnitudePlace, placeOf, type Scale } from '../../webview/connections/scale/scale.ts';
import { legendTicks } from '../../webview/connections/scale/ticks.ts';

const KINDS = ['linear', 'log', 'symmetric'] as const;

describe.each(KINDS)('%s', (kind) => {
  const unsigned: Scale = { kind, limit: 0.37, isSigned: false };
  const signed: Scale = { kind, limit: 0.37, isSigned: true };

  test('zero is at the start or in the middle, the limit at the end, more is never less', () => {
    expect([placeOf(unsigned, 0), placeOf(unsigned, 0.37), placeOf(unsigned, 9)]).toEqual([0, 1, 1]);
    expect([placeOf(signed, -0.37), placeOf(signed, 0), placeOf(signed, 0.37)]).toEqual([0, 0.5, 1]);
    let last = -1;
    for (let value = -0.4; value <= 0.4; value += 0.001) {
      const place = placeOf(signed, value);
      expect(place).toBeGreaterThanOrEqual(last);
      last = place;
    }
    expect(placeOf(signed, NaN)).toBeNaN();
  });

  test('places lead back to magnitudes', () => {
    for (const place of [0.1, 0.5, 0.9, 1])
      expect(magnitudePlace(unsigned, magnitudeAt(unsigned, place))).toBeCloseTo(place, 10);
  });

  test('colours of both signs are mirrored and never shared', () => {
    expect([colorIndex(unsigned, 0, 256), colorIndex(unsigned, 0.37, 256)]).toEqual([0, 255]);
    expect([colorIndex(signed, -0.37, 256), colorIndex(signed, 0.37, 256)]).toEqual([0, 255]);
    for (const value of [1e-9, 1e-4, 0.02, 0.3])
      expect(colorIndex(signed, value, 256) + colorIndex(signed, -value, 256)).toBe(255);
    expect(colorIndex(signed, -1e-12, 256)).toBe(127);
  });

  test.each([1, 0.37, 20, 3.2e-5, 81_920, 1e-3])('ticks up to %f are round, in order and apart', (limit) => {
    for (const isSigned of [false, true]) {
      const ticks = legendTicks({ kind, limit, isSigned });
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(11);
      for (const [index, { value, place }] of ticks.entries()) {
        expect(Number(Math.abs(value).toPrecision(2))).toBeCloseTo(Math.abs(value), 12);
        expect(Math.abs(value)).toBeLessThanOrEqual(limit * (1 + 1e-9));
        if (index > 0) expect(place - ticks[index - 1]!.place).toBeGreaterThan(isSigned ? 0.08 : 0.17);
      }
    }
  });
});
