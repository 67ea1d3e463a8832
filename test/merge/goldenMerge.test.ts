/** Merged weights against PyTorch, bit for bit, in each element type: fp32 sums and one rounding. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AdapterModule } from '../../engine/adapter/adapter.ts';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import { entriesOf } from '../../engine/merge/changes/moduleEntries.ts';
import { createMergePatch, createUnmergePatch } from '../../engine/merge/patches/tensorPatch.ts';
import type { WeightDtype } from '../../engine/selection/weightDtype.ts';
import { GOLDEN } from '../training/goldenModel.ts';

interface Reference {
  readonly module: AdapterModule;
  readonly weights: Uint8Array<ArrayBuffer>;
  readonly merged: Uint8Array<ArrayBuffer>;
  readonly lost: number;
}

async function reference(dtype: WeightDtype): Promise<Reference> {
  const type = dtype.toLowerCase();
  const file = await openSafetensors(join(GOLDEN, 'merged.safetensors'));
  const read = async (name: string) => file.read(`${type}.${name}`);
  const [weights, merged] = [await read('weights'), await read('merged')];
  const indices = new Int32Array((await read('indices')).buffer);
  const [rows = 0, columns = 0] = file.tensors.get(`${type}.weights`)?.shape ?? [];
  const k = indices.length / rows;
  const size = dtype === 'F32' ? 4 : 2;
  const originals = new Uint8Array(indices.length * size);
  for (const [entry, column] of indices.entries()) {
    const element = Math.floor(entry / k) * columns + column;
    originals.set(weights.subarray(element * size, (element + 1) * size), entry * size);
  }
  const deltas = new Float32Array((await read('deltas')).buffer);
  const [lost = NaN] = new Int32Array((await read('lost')).buffer);
  await file.close();
  return {
    module: { module: 'm', rows, columns, k, neurons: null, indices, deltas, dtype, originals },
    ...{ weights, merged, lost },
  };
}

const TYPES = ['F32', 'F16', 'BF16'] as const;

test.each(TYPES)('%s, in one piece and in pieces of every kind', async (dtype) => {
  const { module, weights, merged, lost } = await reference(dtype);
  const size = dtype === 'F32' ? 4 : 2;
  for (const elements of [module.rows * module.columns, 1, 7, module.columns, 641]) {
    const patch = createMergePatch(entriesOf(module), dtype);
    const bytes = Uint8Array.from(weights);
    for (let first = 0; first * size < bytes.byteLength; first += elements) {
      const part = bytes.subarray(first * size, (first + elements) * size);
      patch.apply(part, part, first);
    }
    expect(Buffer.compare(bytes, merged)).toBe(0);
    const { entries, unexpected, overflows, ...counts } = patch.counts();
    expect({ entries, unexpected, lost: counts.lost }).toEqual({ entries: module.indices.length, unexpected: 0, lost });
    expect(overflows).toBe(dtype === 'F16' ? 2 : 0);
  }
});

test.each(TYPES)('%s goes back to its own bits', async (dtype) => {
  const { module, weights, merged } = await reference(dtype);
  const patch = createUnmergePatch(entriesOf(module), dtype);
  const bytes = Uint8Array.from(merged);
  patch.apply(bytes, bytes, 0);
  expect(Buffer.compare(bytes, weights)).toBe(0);
  expect(patch.counts().unexpected).toBe(0);
});

test("a base weight that is not the adapter's is counted as unexpected", async () => {
  const { module, weights } = await reference('BF16');
  const bytes = Uint8Array.from(weights);
  bytes[2 * (module.indices[0] ?? 0)]! ^= 1;
  const patch = createMergePatch(entriesOf(module), 'BF16');
  patch.apply(bytes, bytes, 0);
  expect(patch.counts().unexpected).toBe(1);
});
