/** Tests the arithmetic of panning, zooming and levels, and which tiles a view needs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WEIGHT_STRIP_BYTES } from '../../engine/protocol/connections/inspection.ts';
import { SELECTION_TILE, tilesOf, weightTile } from '../../webview/connections/tiles/tileGrid.ts';
import { levelOf, positionsPerCell } from '../../webview/connections/viewport/level.ts';
import {
  clamped,
  fittingZoom,
  LARGEST_ZOOM,
  panned,
  positionAt,
  revealing,
  visibleColumns,
  visibleRows,
  wholeMatrix,
  xOf,
  yOf,
  zoomedAt,
  type Frame,
} from '../../webview/connections/viewport/viewport.ts';

const frame: Frame = { width: 1000, height: 800, rows: 14_336, columns: 4_096 };

const frames = fc.record({
  width: fc.integer({ min: 50, max: 2_000 }),
  height: fc.integer({ min: 50, max: 2_000 }),
  rows: fc.integer({ min: 1, max: 20_000 }),
  columns: fc.integer({ min: 1, max: 20_000 }),
});

test('the whole matrix fits exactly and stands in the middle', () => {
  const whole = wholeMatrix(frame);
  expect(whole).toEqual({ row: 7_168, column: 2_048, zoom: 800 / 14_336 });
  expect(visibleRows(whole, frame)).toEqual({ first: 0, end: 14_336 });
  expect(yOf(whole, frame, 0)).toBeCloseTo(0);
  expect(xOf(whole, frame, 0)).toBeCloseTo(500 - (2_048 * 800) / 14_336);
  expect(wholeMatrix({ width: 900, height: 900, rows: 2, columns: 3 }).zoom).toBe(LARGEST_ZOOM);
});

test('zooming keeps the position under the pointer wherever the matrix has no edge', () => {
  const start = { row: 7_000, column: 2_000, zoom: 2 };
  for (const factor of [1.1, 3, 0.5]) {
    const before = positionAt(start, frame, 130, 640);
    const after = positionAt(zoomedAt(start, frame, factor, 130, 640), frame, 130, 640);
    expect(after.row).toBeCloseTo(before.row, 8);
    expect(after.column).toBeCloseTo(before.column, 8);
  }
  expect(zoomedAt(start, frame, 1e9, 0, 0).zoom).toBe(LARGEST_ZOOM);
  expect(zoomedAt(start, frame, 1e-9, 0, 0)).toEqual(wholeMatrix(frame));
});

test('dragging moves what is under the pointer with it, up to the edge', () => {
  const start = { row: 7_000, column: 2_000, zoom: 4 };
  expect(panned(start, frame, 40, -20)).toEqual({ row: 7_005, column: 1_990, zoom: 4 });
  expect(panned(start, frame, 1e9, 1e9)).toEqual({ row: 100, column: 125, zoom: 4 });
});

test('no move leaves the matrix or the range of zooms', () => {
  const moves = fc.array(
    fc.tuple(fc.double({ min: -5_000, max: 5_000, noNaN: true }), fc.double({ min: 0.01, max: 50, noNaN: true })),
  );
  fc.assert(
    fc.property(frames, moves, (some, steps) => {
      let view = wholeMatrix(some);
      for (const [distance, factor] of steps) {
        view = zoomedAt(panned(view, some, distance, -distance), some, factor, some.width / 3, some.height / 4);
        expect(clamped(view, some)).toEqual(view);
        expect(view.zoom).toBeGreaterThanOrEqual(fittingZoom(some));
        expect(view.row).toBeGreaterThanOrEqual(0);
        expect(view.row).toBeLessThanOrEqual(some.rows);
        const { first, end } = visibleColumns(view, some);
        expect(end).toBeGreaterThan(first);
      }
    }),
  );
});

test('revealing brings any position into sight, and moves nothing that is in sight', () => {
  fc.assert(
    fc.property(frames, fc.nat(19_999), fc.nat(19_999), (some, row, column) => {
      fc.pre(row < some.rows && column < some.columns);
      const view = clamped({ row: 0, column: 0, zoom: 20 }, some);
      const shown = revealing(view, some, row, column);
      const [x, y] = [xOf(shown, some, column + 0.5), yOf(shown, some, row + 0.5)];
      expect(x).toBeGreaterThan(-1e-6);
      expect(x).toBeLessThan(some.width + 1e-6);
      expect(y).toBeGreaterThan(-1e-6);
      expect(y).toBeLessThan(some.height + 1e-6);
      expect(revealing(shown, some, row, column).row).toBeCloseTo(shown.row, 6);
    }),
  );
});

test('a cell has at least a pixel, and less than two once positions are pooled', () => {
  for (const zoom of [100, 1, 0.99, 0.5, 0.49, 0.0558, 0.01]) {
    const pixels = zoom * positionsPerCell(levelOf(zoom, frame));
    expect(pixels).toBeGreaterThanOrEqual(1.05);
    if (zoom < 1) expect(pixels).toBeLessThan(2.1);
  }
  expect(levelOf(2, frame)).toBe(0);
  expect(levelOf(2, { width: 3_840, height: 2_160 })).toBe(1);
});

test('tiles cover what is seen, each once, the middle first', () => {
  const [rows, columns] = [
    { first: 500, end: 1_600 },
    { first: 0, end: 1_025 },
  ];
  const places = tilesOf(rows, columns, 0, SELECTION_TILE);
  expect(new Set(places.map(({ tileRow, tileColumn }) => `${tileRow}/${tileColumn}`)).size).toBe(12);
  expect(places[0]!.tileColumn).toBe(1);
  expect(places.map(({ tileRow }) => tileRow).sort((a, b) => a - b)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
  expect(tilesOf(rows, columns, 4, SELECTION_TILE)).toEqual([{ level: 4, tileRow: 0, tileColumn: 0 }]);
  expect(tilesOf({ first: 3, end: 3 }, columns, 0, SELECTION_TILE)).toEqual([]);
});

test('a tile of weights is no longer to read than advised', () => {
  for (const rowBytes of [8_192, 28_672, 57_344])
    for (const level of [0, 1, 4, 7])
      expect(weightTile(rowBytes, level).height * positionsPerCell(level) * rowBytes).toBeLessThanOrEqual(
        Math.max(WEIGHT_STRIP_BYTES, rowBytes * positionsPerCell(level)),
      );
});
