// Top-k of rows against a sort, on rows of every kind, and against torch.topk.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import { createMagnitudeRow } from '../../engine/selection/magnitudeRow.ts';
import { F16_EXAMPLES, valueOfF16 } from './halfFloats.ts';
import { bytesOf, topOfRows } from './topRows.ts';

/** The k columns that a stable sort puts first, ascending. */
function sortedTop(magnitudes: readonly number[], k: number, order: 'largest' | 'smallest'): number[] {
  const sign = order === 'largest' ? -1 : 1;
  return magnitudes
    .map((magnitude, column) => ({ magnitude, column }))
    .sort((a, b) => sign * (a.magnitude - b.magnitude) || a.column - b.column)
    .slice(0, k)
    .map(({ column }) => column)
    .sort((a, b) => a - b);
}

const orders = ['largest', 'smallest'] as const;

/** Rows with ties, zeros of both signs, huge and subnormal values, and scales that change from row to row. */
const rowsOfFloats = fc.integer({ min: 1, max: 150 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    k: fc.integer({ min: 1, max: columns }),
    rows: fc.array(
      fc.array(
        fc.oneof(
          { weight: 4, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
          { weight: 4, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
          { weight: 2, arbitrary: fc.constantFrom(0, -0, 0.5, -0.5, 1, -1) },
        ),
        { minLength: columns, maxLength: columns },
      ),
      { minLength: 1, maxLength: 6 },
    ),
  }),
);

describe('top-k of rows', () => {
  it.each(orders)('equals a stable sort in F32 (%s)', (order) => {
    fc.assert(
      fc.property(rowsOfFloats, ({ columns, k, rows }) => {
        const weights = Float32Array.from(rows.flat());
        const expected = rows.flatMap((row) => sortedTop(row.map(Math.abs), k, order));
        expect([...topOfRows('F32', bytesOf(weights), columns, k, order)]).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it.each(orders)('equals a stable sort in BF16 (%s)', (order) => {
    fc.assert(
      fc.property(rowsOfFloats, ({ columns, k, rows }) => {
        const floats = Float32Array.from(rows.flat());
        const words = new Uint32Array(floats.buffer);
        const weights = Uint16Array.from(words, (word) => word >>> 16);
        const truncated = new Float32Array(Uint32Array.from(words, (word) => (word >>> 16) << 16).buffer);
        const expected = rows.flatMap((_, row) =>
          sortedTop([...truncated.subarray(row * columns, (row + 1) * columns)].map(Math.abs), k, order),
        );
        expect([...topOfRows('BF16', bytesOf(weights), columns, k, order)]).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it.each(orders)('equals a stable sort in F16, subnormal numbers included (%s)', (order) => {
    const k = 37;
    const expected = sortedTop(
      [...F16_EXAMPLES].map((bits) => Math.abs(valueOfF16(bits))),
      k,
      order,
    );
    expect([...topOfRows('F16', bytesOf(F16_EXAMPLES), F16_EXAMPLES.length, k, order)]).toEqual(expected);
  });

  it('takes the lowest columns where a whole row is equal', () => {
    const weights = new Float32Array(3 * 100).fill(-0.25);
    weights.fill(0, 100, 200);
    for (const order of orders) {
      const indices = topOfRows('F32', bytesOf(weights), 100, 4, order);
      expect([...indices]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    }
  });

  it('stays exact over many rows whose scales differ by orders of magnitude', () => {
    const columns = 96;
    const weights = Float32Array.from({ length: 400 * columns }, (_, i) => {
      const scale = 10 ** ((Math.floor(i / columns) % 9) - 4);
      return Math.sin(i * 12.9898) * scale;
    });
    for (const [order, k] of [
      ['largest', 1],
      ['largest', 20],
      ['smallest', 3],
      ['largest', 96],
    ] as const) {
      const expected = Array.from({ length: 400 }, (_, row) =>
        sortedTop([...weights.subarray(row * columns, (row + 1) * columns)].map(Math.abs), k, order),
      ).flat();
      expect([...topOfRows('F32', bytesOf(weights), columns, k, order)]).toEqual(expected);
    }
  });

  it.each(['f32', 'f16', 'bf16'] as const)('equals torch.topk of |W| (%s)', async (type) => {
    const file = await openSafetensors(new URL('../golden/topk.safetensors', import.meta.url).pathname);
    const bytes = await file.read(`${type}.weights`);
    const columns = file.tensors.get(`${type}.weights`)?.shape[1] ?? 0;
    const dtype = type.toUpperCase() as 'F32' | 'F16' | 'BF16';
    for (const k of [1, 3, 20]) {
      const expected = new Int32Array((await file.read(`${type}.k${k}`)).buffer);
      expect(topOfRows(dtype, bytes, columns, k)).toEqual(expected);
    }
    await file.close();
  });
});

describe('a loaded row', () => {
  it.each([
    ['F32', [0x7f800000, 0x7fc00000, 0xff800001], [0x7f7fffff, 0x80000000]],
    ['BF16', [0x7f80, 0x7fc0, 0xff81], [0x7f7f, 0x8000]],
    ['F16', [0x7c00, 0x7e00, 0xfc01], [0x7bff, 0x8000, 0x0001]],
  ] as const)('is not finite with an infinity or NaN in it (%s)', (dtype, notFinite, finite) => {
    const columns = 21;
    const row = createMagnitudeRow(columns, 128);
    const isFinite = (bits: number, column: number): boolean => {
      const elements = dtype === 'F32' ? new Uint32Array(columns) : new Uint16Array(columns);
      elements[column] = bits;
      row.loadCopy(dtype, new Uint8Array(elements.buffer));
      return row.isFinite();
    };
    for (let column = 0; column < columns; column += 1) {
      expect(notFinite.some((bits) => isFinite(bits, column))).toBe(false);
      expect(finite.every((bits) => isFinite(bits, column))).toBe(true);
    }
  });

  it('has the sum and the magnitudes of its weights', () => {
    const row = createMagnitudeRow(F16_EXAMPLES.length, 4096);
    row.loadCopy('F16', bytesOf(F16_EXAMPLES));
    const magnitudes = [...F16_EXAMPLES].map((bits) => Math.abs(valueOfF16(bits)));
    expect([...row.magnitudes]).toEqual(magnitudes);
    expect(row.sum()).toBeCloseTo(
      magnitudes.reduce((a, b) => a + b, 0),
      -1,
    );
  });
});
