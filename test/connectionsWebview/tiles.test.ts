/** Tests the bounded cache of tiles and the painting of their pixels. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divergingPalette, sequentialPalette } from '../../webview/connections/color/palette.ts';
import { BLACK } from '../../webview/connections/color/rgb.ts';
import { colorIndex, type Scale } from '../../webview/connections/scale/scale.ts';
import {
  countTable,
  paintCountsAt,
  paintValues,
  paintValuesAt,
  valueTable,
} from '../../webview/connections/tiles/colorTable.ts';
import { releaseTile, tileOf } from '../../webview/connections/tiles/tile.ts';
import { TileCache } from '../../webview/connections/tiles/tileCache.ts';
import { valueOfCell } from '../../webview/connections/tiles/tileValues.ts';

const GROUND = 0xff_12_34_56;
const ground = { color: BLACK, isDark: true, isHighContrast: false };

test('the cache drops what was used longest ago, and nothing that is needed', () => {
  const dropped: string[] = [];
  const cache = new TileCache<{ name: string; sizeBytes: number }>(100, ({ name }) => dropped.push(name));
  const names = (): string[] => [...cache.values()].map(({ name }) => name);
  for (const name of ['a', 'b', 'c']) cache.put(name, { name, sizeBytes: 30 }, () => false);
  cache.get('a');
  cache.put('d', { name: 'd', sizeBytes: 30 }, () => false);
  expect(names()).toEqual(['c', 'a', 'd']);
  expect(dropped).toEqual(['b']);
  cache.put('e', { name: 'e', sizeBytes: 60 }, (key) => key === 'c');
  expect(names()).toEqual(['c', 'e']);
  expect(cache.sizeBytes).toBe(90);
  cache.put('c', { name: 'c', sizeBytes: 10 }, () => false);
  expect(cache.sizeBytes).toBe(70);
  cache.put('huge', { name: 'huge', sizeBytes: 500 }, () => true);
  expect(names()).toEqual(['e', 'c', 'huge']);
  cache.clear();
  expect([cache.sizeBytes, names()]).toEqual([0, []]);
  expect(dropped).toEqual(['b', 'a', 'd', 'c', 'e', 'c', 'huge']);
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
    paintValuesAt(Uint32Array.of(1, 2), Float32Array.of(-0.25, 0.25), table, pixels);
    expect([...pixels]).toEqual([GROUND, palette.pixels[0], palette.pixels[255], palette.pixels[0]]);
  }
});

test('a selected connection is never painted as ground', () => {
  const palette = sequentialPalette(ground);
  const table = countTable({ kind: 'linear', limit: 400, isSigned: false }, palette, GROUND);
  const pixels = new Uint32Array(6).fill(GROUND);
  paintCountsAt(Uint32Array.of(1, 2, 3, 5), Uint32Array.of(1, 200, 400, 9_000), table, pixels);
  expect([pixels[0], pixels[4]]).toEqual([GROUND, GROUND]);
  expect([pixels[1], pixels[2]]).not.toContain(GROUND);
  expect(pixels[3]).toBe(palette.pixels[255]);
  expect(pixels[5]).toBe(palette.pixels[255]);
});

const SIZE = { height: 4, width: 8 };
const place = { level: 0, tileRow: 0, tileColumn: 0 };

test('a tile knows the value of each cell that it lists, and of no other', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(SIZE.height * SIZE.width - 1)), (listed) => {
      const cells = Uint32Array.from(listed).sort();
      const counts = cells.map((cell) => cell + 100);
      const weights = Float32Array.from(cells, (cell) => cell / 8);
      const content = { kind: 'selection', ...SIZE, cells, counts, weights, deltas: null } as const;
      const tile = tileOf('group', place, SIZE, content);
      for (let cell = 0; cell < SIZE.height * SIZE.width; cell++) {
        const isListed = listed.includes(cell);
        expect(valueOfCell(tile, 'selection', cell)).toBe(isListed ? cell + 100 : undefined);
        expect(valueOfCell(tile, 'weight', cell)).toBe(isListed ? cell / 8 : undefined);
        expect(valueOfCell(tile, 'delta', cell)).toBeUndefined();
      }
    }),
  );
});

test('a tile that is dropped keeps no memory', () => {
  const weights = new Float32Array(SIZE.height * SIZE.width).fill(-0.5);
  const tile = tileOf('group', place, SIZE, { kind: 'weights', ...SIZE, weights });
  expect([tile.largestWeight, valueOfCell(tile, 'weight', 7)]).toEqual([0.5, -0.5]);
  releaseTile(tile);
  expect([weights.buffer.byteLength, weights.length, valueOfCell(tile, 'weight', 7)]).toEqual([0, 0, undefined]);
});
