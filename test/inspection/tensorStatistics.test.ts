// The table of tensors and their statistics, for every element type that can be counted.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { elementSize, type Dtype } from '../../engine/checkpoint/safetensors/dtype.ts';
import { writeSafetensors } from '../../engine/checkpoint/safetensors/safetensorsWriter.ts';
import { createInspection } from '../../engine/inspection/inspection.ts';
import { disposableFolder, newInspection } from './inspected.ts';

/** How a number is written as an element; those that a type cannot hold are left out of its case. */
const WRITERS: Readonly<Partial<Record<Dtype, (view: DataView, at: number, value: number) => void>>> = {
  U8: (view, at, value) => view.setUint8(at, value),
  I8: (view, at, value) => view.setInt8(at, value),
  I16: (view, at, value) => view.setInt16(at, value, true),
  U16: (view, at, value) => view.setUint16(at, value, true),
  I32: (view, at, value) => view.setInt32(at, value, true),
  U32: (view, at, value) => view.setUint32(at, value, true),
  F32: (view, at, value) => view.setFloat32(at, value, true),
  I64: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  U64: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
  F64: (view, at, value) => view.setFloat64(at, value, true),
  // Upper halves of F32 of numbers that need no more.
  BF16: (view, at, value) => {
    const wide = new DataView(new ArrayBuffer(4));
    wide.setFloat32(0, value);
    view.setUint16(at, wide.getUint16(0), true);
  },
};

async function written(dtype: Dtype, values: readonly number[]): Promise<string> {
  const size = elementSize(dtype);
  const bytes = new Uint8Array(values.length * size);
  for (const [i, value] of values.entries()) WRITERS[dtype]!(new DataView(bytes.buffer), i * size, value);
  const file = join(await disposableFolder(), 'x.safetensors');
  await writeSafetensors(file, [{ name: 'x', dtype, shape: [values.length], bytes }], { made: 'by hand' });
  return file;
}

describe('statistics of a tensor', () => {
  it.each(Object.keys(WRITERS) as Dtype[])('of %s', async (dtype) => {
    const isUnsigned = dtype.startsWith('U');
    const values = Array.from({ length: 1000 }, (_, i) => ((i * 37) % 101) - (isUnsigned ? 0 : 50));
    const file = await written(dtype, values);
    const found = await newInspection()('inspection/tensorStatistics', { file, tensor: 'x', bins: 7 });
    const mean = values.reduce((total, value) => total + value, 0) / 1000;
    expect(found).toMatchObject({ elements: 1000, notANumber: 0, infinite: 0 });
    expect([found.minimum, found.maximum]).toEqual([Math.min(...values), Math.max(...values)]);
    expect(found.zeros).toBe(values.filter((value) => value === 0).length);
    expect(found.mean!).toBeCloseTo(mean, 10);
    expect(found.meanMagnitude!).toBeCloseTo(values.reduce((total, value) => total + Math.abs(value), 0) / 1000, 10);
    const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / 1000;
    expect(found.standardDeviation!).toBeCloseTo(Math.sqrt(variance), 8);
    const { edges } = found;
    const plain = Array.from({ length: 7 }, (_, bin) => {
      return values.filter((value) => value >= edges[bin]! && (value < edges[bin + 1]! || bin === 6)).length;
    });
    expect([...found.counts]).toEqual(plain);
  });

  it('counts what is no finite number', async () => {
    const file = await written('F32', [NaN, Infinity, -Infinity, 2, 4, NaN]);
    const found = await newInspection()('inspection/tensorStatistics', { file, tensor: 'x', bins: 2 });
    expect(found).toMatchObject({ notANumber: 2, infinite: 2, mean: 3, minimum: 2, maximum: 4, standardDeviation: 1 });
    const none = await written('F32', [NaN]);
    const empty = await newInspection()('inspection/tensorStatistics', { file: none, tensor: 'x', bins: 2 });
    expect([empty.mean, empty.minimum, empty.counts[0]]).toEqual([null, null, 0]);
  });

  it('reports progress and can be cancelled', async () => {
    const file = await written(
      'U8',
      Array.from({ length: 9 << 20 }, () => 1),
    );
    const { table } = createInspection();
    const done: number[] = [];
    const controller = new AbortController();
    const reading = table['inspection/tensorStatistics'](
      { file, tensor: 'x', bins: 2 },
      controller.signal,
      (progress) => {
        done.push(progress.done / progress.total);
        if (done.length === 2) controller.abort();
      },
    );
    await expect(reading).rejects.toMatchObject({ name: 'CancelledError' });
    expect(done).toEqual([4 / 18, 8 / 18]);
  });
});

describe('the table', () => {
  it('lists names, shapes, types, sizes and metadata', async () => {
    const file = await written('I16', [1, 2, 3]);
    const table = await newInspection()('inspection/tensors', { file });
    expect(table).toMatchObject({ file, total: 1, metadata: [['made', 'by hand']] });
    expect(table.tensors).toEqual([{ name: 'x', dtype: 'I16', shape: [3], sizeBytes: 6, hasStatistics: true }]);
  });
});
