// Tiles at any zoom, window and order: every selected connection is in them, and every cell is what its parts say.
import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConnectionSource } from '../../engine/protocol/connections/connectionSource.ts';
import type { AxisWindow, ColumnOrder, MatrixWindow, RowOrder } from '../../engine/protocol/connections/inspection.ts';
import { ARCHITECTURES } from '../adapter/sampleAdapter.ts';
import { newInspection, writtenAdapter, type Ask } from './inspected.ts';
import { largest, plainConnections, plainMatrix, plainTensors, type PlainConnection } from './plainReading.ts';

const MODULE = 'model.layers.1.mlp.down_proj';
const ROWS = 32;
const COLUMNS = 64;

function axis<Order extends string>(orders: readonly Order[], size: number): fc.Arbitrary<AxisWindow<Order>> {
  return fc.record({
    order: fc.constantFrom(...orders),
    positionsPerCell: fc.integer({ min: 1, max: size + 5 }),
    firstCell: fc.nat(6),
    cellCount: fc.nat(size + 3),
  });
}

const windows: fc.Arbitrary<MatrixWindow> = fc.record({
  module: fc.constant(MODULE),
  rows: axis<RowOrder>(['index', 'deltaNorm'], ROWS),
  columns: axis<ColumnOrder>(['index', 'hits', 'deltaNorm'], COLUMNS),
});

const indices = (size: number): number[] => Array.from({ length: size }, (_, index) => index);

/** Indices by descending value, equal ones by index. */
function byValue(size: number, valueOf: (index: number) => number): number[] {
  return indices(size).sort((a, b) => valueOf(b) - valueOf(a) || a - b);
}

function plainOrders(connections: readonly PlainConnection[], { rows, columns }: MatrixWindow): [number[], number[]] {
  const norm = (of: readonly PlainConnection[]): number =>
    Math.fround(Math.sqrt(of.reduce((total, { delta }) => total + delta * delta, 0)));
  const rowNorm = (row: number): number => {
    const own = connections.filter((connection) => connection.row === row);
    return own.length === 0 ? -1 : norm(own);
  };
  const inColumn = (column: number): readonly PlainConnection[] => connections.filter((c) => c.column === column);
  return [
    rows.order === 'index' ? indices(ROWS) : byValue(ROWS, rowNorm),
    columns.order === 'index'
      ? indices(COLUMNS)
      : byValue(COLUMNS, (column) => (columns.order === 'hits' ? inColumn(column).length : norm(inColumn(column)))),
  ];
}

/** Indices of each cell along an axis. */
function cells({ positionsPerCell, firstCell, cellCount }: AxisWindow<string>, order: readonly number[]): number[][] {
  return indices(cellCount)
    .map((cell) => (firstCell + cell) * positionsPerCell)
    .filter((from) => from < order.length)
    .map((from) => order.slice(from, from + positionsPerCell));
}

async function subject(ask: Ask): Promise<{ source: ConnectionSource; connections: readonly PlainConnection[] }> {
  const folder = await writtenAdapter('llama-bf16-sharded', { k: 3, neuronShare: 0.7 });
  const connections = plainConnections(plainTensors(join(folder, 'adapter_model.safetensors')), MODULE);
  const source = { kind: 'adapter', folder } as const;
  await ask('inspection/describe', { source });
  return { source, connections };
}

describe('tiles', () => {
  it('hold every selected connection of their window, pooled', async () => {
    const ask = newInspection();
    const { source, connections } = await subject(ask);
    await fc.assert(
      fc.asyncProperty(windows, async (window) => {
        const tile = await ask('inspection/selection', { source, window });
        const [rowOrder, columnOrder] = plainOrders(connections, window);
        const rowCells = cells(window.rows, rowOrder);
        const columnCells = cells(window.columns, columnOrder);
        expect([tile.height, tile.width]).toEqual([rowCells.length, columnCells.length]);
        const inCell = rowCells.flatMap((rows) =>
          columnCells.map((columns) => connections.filter((c) => rows.includes(c.row) && columns.includes(c.column))),
        );
        const held = inCell.filter((found) => found.length > 0);
        expect([...tile.cells]).toEqual([...inCell.keys()].filter((cell) => inCell[cell]!.length > 0));
        expect([...tile.counts]).toEqual(held.map((found) => found.length));
        expect([...tile.weights]).toEqual(held.map((found) => largest(found.map(({ weight }) => weight))));
        expect([...tile.deltas!]).toEqual(held.map((found) => largest(found.map(({ delta }) => delta))));
        const list = await ask('inspection/connections', { source, window, limit: 1e9 });
        expect(list.total).toBe(inCell.reduce((total, found) => total + found.length, 0));
        for (const [i, row] of list.rows.entries()) {
          const found = connections.find((c) => c.row === row && c.column === list.columns[i]);
          expect([list.weights[i], list.deltas![i]]).toEqual([found?.weight, found?.delta]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('hold the whole selection at every zoom level', async () => {
    const ask = newInspection();
    const { source, connections } = await subject(ask);
    for (const positionsPerCell of [1, 2, 4, 8, 16, 32, 64]) {
      const whole = { order: 'index', positionsPerCell, firstCell: 0, cellCount: 64 } as const;
      const tile = await ask('inspection/selection', {
        source,
        window: { module: MODULE, rows: whole, columns: whole },
      });
      expect(tile.counts.reduce((total, count) => total + count, 0)).toBe(connections.length);
    }
  });

  it.each(['llama', 'llama-bf16-sharded', 'qwen2'])('hold the largest weights of %s', async (name) => {
    const ask = newInspection();
    const folder = await writtenAdapter(name, { k: 3, neuronShare: 0.7 });
    const source = { kind: 'adapter', folder } as const;
    const connections = plainConnections(plainTensors(join(folder, 'adapter_model.safetensors')), MODULE);
    const matrix = plainMatrix(join(ARCHITECTURES, name), `${MODULE}.weight`);
    await fc.assert(
      fc.asyncProperty(windows, async (window) => {
        const tile = await ask('inspection/weights', { source, window });
        const [rowOrder, columnOrder] = plainOrders(connections, window);
        const columnCells = cells(window.columns, columnOrder);
        const expected = cells(window.rows, rowOrder).flatMap((rows) =>
          columnCells.map((columns) => {
            const magnitudes = rows.flatMap((row) => columns.map((column) => Math.abs(matrix[row]![column]!)));
            return Math.max(...magnitudes);
          }),
        );
        expect([...tile.weights].map(Math.abs)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('have single cells with their values and signs', async () => {
    const ask = newInspection();
    const { source, connections } = await subject(ask);
    const matrix = plainMatrix(join(ARCHITECTURES, 'llama-bf16-sharded'), `${MODULE}.weight`);
    await fc.assert(
      fc.asyncProperty(fc.nat(ROWS - 1), fc.nat(COLUMNS - 1), async (row, column) => {
        const cell = (firstCell: number) => ({ order: 'index', positionsPerCell: 1, firstCell, cellCount: 1 }) as const;
        const window = { module: MODULE, rows: cell(row), columns: cell(column) };
        const { weights } = await ask('inspection/weights', { source, window });
        const { cells, counts, deltas } = await ask('inspection/selection', { source, window });
        const found = connections.find((c) => c.row === row && c.column === column);
        expect(weights[0]).toBe(matrix[row]![column]);
        expect([[...cells], [...counts], [...deltas!]]).toEqual(
          found === undefined ? [[], [], []] : [[0], [1], [found.delta]],
        );
      }),
    );
  });
});
