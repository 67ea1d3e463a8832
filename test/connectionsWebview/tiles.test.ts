/** Tests the bounded cache of tiles and the painting of their pixels. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divergingPalette, sequentialPalette } from '../../webview/connections/color/palette.ts';
import { BLACK } from '../../webview/connections/color/rgb.ts';
import { colorIndex, type Scale } from '../../webview/connections/scale/scale.ts';
import { countTable, paintCounts, paintValues, valueTable } from '../../webview/connections/tiles/colorTable.ts';
import { TileCache } from '../../webview/connections/tiles/tileCache.ts';

const GROUND = 0xff_12_34_56;
const ground = { color: BLACK, isDark: true, isHighContrast: false };

test('the cache drops what was used longest ago, and nothing that is needed', () => {
  const cache = new TileCache<{ name: string; sizeBytes: number }>(100);
  const names = (): string[] => [...cache.values()].map(({ name }) => name);
  for (const name of ['a', 'b', 'c']) cache.put(name, { name, sizeBytes: 30 }, () => false);
  cache.get('a');
  cache.put('d', { name: 'd', sizeBytes: 30 }, () => false);
  expect(names()).toEqual(['c', 'a', 'd']);
  cache.put('e', { name: 'e', sizeBytes: 60 }, (key) => key === 'c');
  expect(names()).toEqual(['c', 'e']);
  expect(cache.sizeBytes).toBe(90);
  cache.put('c', { name: 'c', sizeBytes: 10 }, () => false);
  expect(cache.sizeBytes).toBe(70);
  cache.put('huge', { name: 'huge', sizeBytes: 500 }, () => true);
  expect(names()).toEqual(['e', 'c', 'huge']);
  cache.clear();
  expect([cache.sizeBytes, names()]).toEqual([0, []]);
});

test('values get the colour of the scale within one step of 256, nothing gets the ground', () => {
  const palette = divergingPalette(ground);
  for (const kind of ['linear', 'log', 'symmetric'] as const) {
    const scale: Scale = { kind, limit: 0.25, isSigned: true };
    const table = valueTable(scale, palette, GROUND);
    fc.assert(
      fc.property(fc.float({ min: Math.fround(-0.5), max: Math.fround(0.5), noNaN: true }), (value) => {
        const pixels = new Uint32Array(1);
        paintValues(Float32Array.of(value), table, pixels);
        const near = [-1, 0, 1].map((step) => palette.pixels[colorIndex(scale, value, 256) + step]);
        expect(near).toContain(pixels[0]);
      }),
    );
    const pixels = new Uint32Array(4);
    paintValues(Float32Array.of(NaN, 0, 0.25, -0.25), table, pixels);
    expect([...pixels]).toEqual([GROUND, palette.pixels[128], palette.pixels[255], palette.pixels[0]]);
  }
});

test('a selected connection is never painted as ground', () => {
  const palette = sequentialPalette(ground);
  const table = countTable({ kind: 'linear', limit: 400, isSigned: false }, palette, GROUND);
  const pixels = new Uint32Array(5);
  paintCounts(Uint32Array.of(0, 1, 200, 400, 9_000), table, pixels);
  expect(pixels[0]).toBe(GROUND);
  expect([...pixels.slice(1)]).not.toContain(GROUND);
  expect(pixels[3]).toBe(palette.pixels[255]);
  expect(pixels[4]).toBe(palette.pixels[255]);
});
