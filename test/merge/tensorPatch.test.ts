/** Patches of single matrices where their elements lie at odd addresses, as a header of any length may place them. */
import { describe, expect, test } from 'vitest';
import { FLOAT_ACCESS } from '../../engine/merge/bits/floatAccess.ts';
import type { ModuleEntries } from '../../engine/merge/changes/moduleEntries.ts';
import { createMergePatch, createUnmergePatch } from '../../engine/merge/patches/tensorPatch.ts';

const COUNT = 64;

describe.each(['F32', 'F16', 'BF16'] as const)('%s', (dtype) => {
  const { sizeBytes, bitsOf, valueOf, viewBits } = FLOAT_ACCESS[dtype];
  const weights = Float32Array.from({ length: COUNT }, (_, index) => valueOf(bitsOf(index / 7 - 3)));
  const elements = Float64Array.of(0, 5, 6, 31, 32, 63);
  const entries: ModuleEntries = {
    dtype,
    elements,
    deltas: Float32Array.from(elements, (_, index) => (index - 2) / 4),
    originals: Int32Array.from(elements, (element) => bitsOf(weights[element] ?? NaN)),
    conflicts: 0,
  };

  test.each([0, 1, 3])('at address %i, in two parts', (address) => {
    const bytes = bytesAt(address, COUNT * sizeBytes);
    const original = viewBits(new Uint8Array(COUNT * sizeBytes)).map((_, index) => bitsOf(weights[index] ?? NaN));
    bytes.set(new Uint8Array(original.buffer));
    const half = (COUNT / 2) * sizeBytes;
    const applyTo = (patch: ReturnType<typeof createMergePatch>): void => {
      for (const [from, to] of [
        [0, half],
        [half, 2 * half],
      ] as const) {
        const part = bytes.subarray(from, to);
        patch.apply(part, part, from / sizeBytes);
      }
    };
    const merge = createMergePatch(entries, dtype);
    applyTo(merge);
    const merged = viewBits(bytes.slice());
    for (let index = 0; index < COUNT; index += 1) {
      const delta = entries.deltas[elements.indexOf(index)] ?? 0;
      expect(merged[index]).toBe(bitsOf(Math.fround((weights[index] ?? NaN) + delta)));
    }
    expect(merge.counts()).toEqual({ entries: 6, changed: 5, lost: 0, unexpected: 0, overflows: 0 });
    applyTo(createUnmergePatch(entries, dtype));
    expect(viewBits(bytes.slice())).toEqual(original);
  });
});

test.each(['F32', 'F16', 'BF16'] as const)('%s: what becomes of each entry is counted', (dtype) => {
  const { sizeBytes, bitsOf, valueOf, viewBits } = FLOAT_ACCESS[dtype];
  const largest = { F32: 3.4e38, F16: 65_000, BF16: 3.3e38 }[dtype];
  const weights = [1, 1, largest, -0, 2].map((weight) => bitsOf(weight));
  const deltas = Float32Array.of(0.5, 1e-12, largest, 0, 0.5);
  const originals = viewBits(new Uint8Array(weights.length * sizeBytes));
  originals.set(weights);
  originals[4] = bitsOf(3);
  const bits = viewBits(new Uint8Array(weights.length * sizeBytes));
  bits.set(weights);
  const bytes = new Uint8Array(bits.buffer);
  const elements = Float64Array.from(weights.keys());
  const patch = createMergePatch({ dtype, elements, deltas, originals, conflicts: 0 }, dtype);
  patch.apply(bytes, bytes, 0);
  expect(Array.from(bits, valueOf)).toEqual([1.5, 1, Infinity, -0, 2.5]);
  expect(patch.counts()).toEqual({ entries: 5, changed: 3, lost: 1, unexpected: 1, overflows: 1 });
});

function bytesAt(address: number, length: number): Uint8Array {
  return new Uint8Array(address + length).subarray(address);
}
