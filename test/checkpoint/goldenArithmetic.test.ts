/** Rounding to 16 bits, widening, and rotary tables against PyTorch, value by value. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { roundToBF16, roundToF16, widenBF16, widenF16 } from '../../engine/checkpoint/safetensors/floatConversion.ts';
import { widen } from '../../engine/checkpoint/safetensors/widening.ts';
import { rotaryTables } from '../../engine/checkpoint/config/rope.ts';
import { parseRopeConfig } from '../../engine/checkpoint/config/ropeConfigParser.ts';
import { configFields, type JsonObject } from '../../engine/checkpoint/config/configFields.ts';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import { parseStrictJson } from '../../engine/checkpoint/strictJson.ts';
import { floats, GOLDEN, integers, readGolden } from '../training/goldenModel.ts';

const NAN = { f16: 0x7c00, bf16: 0x7f80 } as const;

test.each([
  ['f16', roundToF16, widenF16],
  ['bf16', roundToBF16, widenBF16],
] as const)('rounding to %s and widening again, bit for bit', async (type, round, widen) => {
  const file = await openSafetensors(join(GOLDEN, 'rounding.safetensors'));
  const values = new Float32Array((await file.read('f32')).buffer);
  const bits = new Uint16Array((await file.read(type)).buffer);
  const widened = new Float32Array((await file.read(`${type}.widened`)).buffer);
  await file.close();
  expect(values.length).toBeGreaterThan(1000);
  const isNan = (half: number): boolean => (half & 0x7fff) > NAN[type];
  for (const [index, value] of values.entries()) {
    const rounded = round(value);
    if (Number.isNaN(value)) expect(isNan(rounded)).toBe(true);
    else expect(rounded, `${String(value)} in ${type}`).toBe(bits[index]);
  }
  const ours = new Float32Array(bits.length);
  widen(bits, ours);
  expect(ours).toEqual(widened);
});

test('every F16 widens to its value, which rounds to itself', () => {
  const bits = Uint16Array.from({ length: 1 << 16 }, (_, index) => index);
  const values = new Float32Array(bits.length);
  widenF16(bits, values);
  for (const [index, value] of values.entries()) if (!Number.isNaN(value)) expect(roundToF16(value)).toBe(index);
});

test.each([
  ['F16', widenF16],
  ['BF16', widenBF16],
] as const)('vector instructions widen every %s to the same bits', (dtype, widenEach) => {
  const bits = Uint16Array.from({ length: (1 << 16) + 5 }, (_, index) => index);
  const expected = new Float32Array(bits.length);
  widenEach(bits, expected);
  const found = new Float32Array(bits.length + 1).fill(7);
  widen(dtype, bits, found);
  expect(new Uint32Array(found.buffer, 0, bits.length)).toEqual(new Uint32Array(expected.buffer));
  expect(found.at(-1)).toBe(7);
});

test('rotary tables of every kind of scaling', async () => {
  const cases = JSON.parse(await readFile(join(GOLDEN, 'rope.json'), 'utf8')) as Record<
    string,
    { readonly head_dim: number; readonly rope_parameters: object }
  >;
  const golden = await readGolden('rope.safetensors');
  const positions = integers(golden, 'positions').data;
  expect(Object.keys(cases).length).toBeGreaterThan(3);
  for (const [name, { head_dim: headSize, rope_parameters: parameters }] of Object.entries(cases)) {
    const json = parseStrictJson(JSON.stringify({ rope_parameters: parameters })) as JsonObject;
    const rope = parseRopeConfig(configFields(json, 'rope.json'), 131_072, []);
    const { cos, sin } = rotaryTables({ headSize, ...rope }, Math.max(...positions) + 1);
    const pairs = headSize / 2;
    for (const [row, position] of positions.entries()) {
      const tolerance = 1e-6 * Math.max(1, position);
      for (let pair = 0; pair < pairs; pair += 1) {
        // transformers repeats the table for the second half of a head.
        for (const half of [0, pairs]) {
          const at = row * headSize + half + pair;
          const place = `${name}, position ${String(position)}, pair ${String(pair)}`;
          const own = position * pairs + pair;
          expect(Math.abs((cos[own] ?? NaN) - (floats(golden, `${name}.cos`)[at] ?? NaN)), place).toBeLessThan(
            tolerance,
          );
          expect(Math.abs((sin[own] ?? NaN) - (floats(golden, `${name}.sin`)[at] ?? NaN)), place).toBeLessThan(
            tolerance,
          );
        }
      }
    }
  }
});
