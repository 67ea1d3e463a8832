/** The safetensors format: every broken rule is told with file and tensor, and what is written is read again. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DTYPES, elementSize, type Dtype } from '../../engine/checkpoint/safetensors/dtype.ts';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors } from '../../engine/checkpoint/safetensors/safetensorsWriter.ts';
import { ExpectedError } from '../../engine/errors/expected.ts';
import { handmade, scratchFolder, writeInto } from './handmadeFile.ts';

const folder = scratchFolder();

/** One tensor `a`, with these fields in place of the right ones. */
function tensor(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields } });
}

const pair = (second: readonly [number, number], name = 'b'): string =>
  `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"${name}":{"dtype":"F32","shape":[2],"data_offsets":[${second.join()}]}}`;

const nested = `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`;

/** What is wrong, the file's bytes, what the message must tell, and the tensor that it must name. */
const BROKEN: readonly (readonly [fault: string, bytes: Buffer, message: RegExp, tensor?: string])[] = [
  ['a header over the limit', handmade('{}', 0, 100_000_001n), /header length 100000001, expected at most 100000000/],
  ['a header length of 2^64 - 1', handmade('{}', 0, 2n ** 64n - 1n), /18446744073709551615/],
  ['a header longer than the file', handmade('{}', 0, 99n), /header length 99, but the file has 10 bytes/],
  ['an empty header', handmade(''), /does not begin with "\{"/],
  ['white space before the header', handmade(' {}'), /does not begin with "\{"/],
  ['a list for a header', handmade('[]'), /does not begin with "\{"/],
  ['a byte order mark', handmade('\ufeff{}'), /does not begin with "\{"/],
  ['text after the header', handmade('{}x'), /does not end with "\}"/],
  ['a newline after the header', handmade('{}\n'), /does not end with "\}"/],
  ['a second value', handmade('{}{}'), /unexpected text after the value at character 2/],
  ['bytes that are not UTF-8', handmade(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), /not valid UTF-8/],
  ['a comma too many', handmade('{"a":1,}'), /expected a string/],
  ['a NaN', handmade('{"a":NaN}'), /expected a value/],
  ['a control character in a name', handmade('{"a\u0001":1}'), /control character/],
  ['half of a surrogate pair', handmade('{"\\ud800":1}'), /surrogate/],
  ['endless nesting', handmade(nested), /nested deeper than 16/],
  ['two tensors of one name', handmade(pair([8, 16], 'a'), 16), /duplicate key "a"/],
  ['two names that are one when unescaped', handmade(pair([8, 16], '\\u0061'), 16), /duplicate key "a"/],
  ['a field given twice', handmade('{"a":{"dtype":"F32","dtype":"F16"}}'), /duplicate key "dtype"/],
  ['metadata that is no object', handmade('{"__metadata__":[]}'), /__metadata__ is no JSON object/],
  ['metadata that is no string', handmade('{"__metadata__":{"k":1}}'), /__metadata__ key "k" is no string/],
  ['a tensor that is no object', handmade('{"a":3}'), /expected \{dtype, shape, data_offsets\}/, 'a'],
  ['a missing field', handmade('{"a":{"dtype":"F32","shape":[0]}}'), /expected exactly/, 'a'],
  ['a field too many', handmade(tensor({ extra: 1 }), 8), /expected exactly/, 'a'],
  ['an unknown type', handmade(tensor({ dtype: 'F31' }), 8), /dtype "F31", expected one of BOOL/, 'a'],
  ['a type that every object has', handmade(tensor({ dtype: 'constructor' }), 8), /dtype "constructor"/, 'a'],
  ['a negative size', handmade(tensor({ shape: [-2] }), 8), /shape is no list of whole numbers/, 'a'],
  ['half an element', handmade(tensor({ shape: [1.5] }), 8), /shape is no list of whole numbers/, 'a'],
  ['a size of 2^53', handmade(tensor({ shape: [2 ** 53] }), 8), /shape is no list of whole numbers/, 'a'],
  ['sizes that overflow together', handmade(tensor({ shape: [2 ** 32, 2 ** 32] }), 8), /is too large/, 'a'],
  ['sizes that overflow in bytes', handmade(tensor({ shape: [2 ** 51] }), 8), /is too large/, 'a'],
  ['sizes that overflow beside a zero', handmade(tensor({ shape: [2 ** 40, 2 ** 40, 0] }), 8), /is too large/, 'a'],
  ['one offset', handmade(tensor({ data_offsets: [0] }), 8), /no pair of whole numbers/, 'a'],
  ['offsets in the wrong order', handmade(tensor({ data_offsets: [8, 0] }), 8), /takes 8 bytes/, 'a'],
  ['offsets that do not fit the shape', handmade(tensor({ data_offsets: [0, 4] }), 8), /takes 8 bytes/, 'a'],
  ['a hole before the first tensor', handmade(tensor({ data_offsets: [8, 16] }), 16), /leaves a gap/, 'a'],
  ['a hole between tensors', handmade(pair([12, 20]), 20), /leaves a gap after the tensor before it/, 'b'],
  ['an overlap', handmade(pair([4, 12]), 12), /overlaps the tensor before it/, 'b'],
  ['the same bytes for two tensors', handmade(pair([0, 8]), 8), /overlaps the tensor before it/, 'b'],
  ['bytes after the last tensor', handmade(tensor({}), 9), /bytes that belong to no tensor/],
  ['less bytes than the tensors', handmade(tensor({}), 7), /less bytes than its tensors/],
];

test.each(BROKEN.map(([fault, ...rest]) => ({ fault, rest })))('$fault', async ({ rest: [bytes, message, name] }) => {
  const path = writeInto(folder, bytes);
  const error: unknown = await openSafetensors(path).then(
    (file) => file.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ExpectedError);
  expect(error).toMatchObject({ code: 'checkpoint/corruptHeader' });
  const { message: text, place, fix } = error as ExpectedError;
  expect(text).toMatch(message);
  expect(place).toEqual(name === undefined ? { file: path } : { file: path, tensor: name });
  expect(fix).not.toBe('');
});

test.each([0, 7])('a file of %i bytes is cut off', async (size) => {
  const path = writeInto(folder, Buffer.alloc(size));
  await expect(openSafetensors(path)).rejects.toMatchObject({ code: 'files/truncated', place: { file: path } });
});

test('a header of exactly 100 MB is read', async () => {
  const path = join(folder, 'long.safetensors');
  const handle = openSync(path, 'w');
  const prefix = Buffer.alloc(9, '{');
  prefix.writeBigUInt64LE(100_000_000n);
  writeSync(handle, prefix);
  writeSync(handle, Buffer.alloc(99_999_999, ' ').fill('}', 0, 1));
  closeSync(handle);
  const file = await openSafetensors(path);
  expect(file.tensors.size).toBe(0);
  await file.close();
});

test('a file that shrinks while it is open is cut off, not filled with zeros', async () => {
  const path = writeInto(folder, handmade(tensor({}), 8));
  const file = await openSafetensors(path);
  truncateSync(path, file.sizeBytes - 1);
  await expect(file.read('a')).rejects.toMatchObject({ code: 'files/truncated', place: { file: path } });
  await file.close();
});

test('names such as __proto__ are names like any other', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const path = join(folder, 'names.safetensors');
  const written = names.map((name, index) => ({
    name,
    dtype: 'U8' as const,
    shape: [1],
    bytes: Uint8Array.of(index + 1),
  }));
  await writeSafetensors(path, written);
  const file = await openSafetensors(path);
  expect([...file.tensors.keys()].sort()).toEqual([...names].sort());
  for (const [index, name] of names.entries()) expect([...(await file.read(name))]).toEqual([index + 1]);
  expect(Object.keys(Object.prototype)).toEqual([]);
  await file.close();

  const hostile = handmade(
    '{"__metadata__":{"__proto__":"x"},"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
  );
  const opened = await openSafetensors(writeInto(folder, hostile));
  expect(opened.metadata.get('__proto__')).toBe('x');
  expect(opened.tensors.get('__proto__')?.shape).toEqual([0]);
  expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
  await opened.close();
});

test('empty tensors and scalars have a place', async () => {
  const path = join(folder, 'empty.safetensors');
  await writeSafetensors(path, [
    { name: 'none', dtype: 'F32', shape: [0, 5], bytes: new Uint8Array() },
    { name: 'scalar', dtype: 'F32', shape: [], bytes: new Uint8Array(Float32Array.of(7).buffer) },
  ]);
  const file = await openSafetensors(path);
  expect((await file.read('none')).byteLength).toBe(0);
  expect(new Float32Array((await file.read('scalar')).buffer)).toEqual(Float32Array.of(7));
  await file.close();
});

test('a tensor that is not there, and bytes outside of one', async () => {
  const path = writeInto(folder, handmade(tensor({}), 8));
  const file = await openSafetensors(path);
  await expect(file.read('b')).rejects.toMatchObject({
    code: 'checkpoint/missingTensor',
    place: { file: path, tensor: 'b' },
  });
  await expect(file.readInto('a', 4, new Uint8Array(5))).rejects.toThrow(RangeError);
  await expect(file.readInto('a', -1, new Uint8Array(1))).rejects.toThrow(RangeError);
  await file.close();
});

test.runIf(process.platform !== 'win32')('what is no regular file is refused, not waited for', async () => {
  await expect(openSafetensors(folder)).rejects.toMatchObject({ code: 'files/EISDIR' });
  const pipe = join(folder, 'pipe.safetensors');
  execFileSync('mkfifo', [pipe]);
  await expect(openSafetensors(pipe)).rejects.toMatchObject({ code: 'files/notRegular', place: { file: pipe } });
});

describe('writing', () => {
  const tensors = fc.uniqueArray(
    fc.record({
      name: fc.string({ minLength: 1, unit: 'grapheme' }).filter((name) => name !== '__metadata__'),
      dtype: fc.constantFrom(...DTYPES),
      shape: fc.array(fc.nat(4), { maxLength: 3 }),
    }),
    { selector: ({ name }) => name, maxLength: 8 },
  );

  test('what was written is read again, aligned, whatever the order in which it was given', async () => {
    const path = join(folder, 'written.safetensors');
    await fc.assert(
      fc.asyncProperty(tensors, async (list) => {
        const contents = list.map(({ name, dtype, shape }, seed) => ({
          name,
          dtype,
          shape,
          bytes: bytesFor(dtype, shape, seed),
        }));
        await writeSafetensors(path, contents, { format: 'pt' });
        const file = await openSafetensors(path);
        expect(Object.fromEntries(file.metadata)).toEqual({ format: 'pt' });
        for (const { name, dtype, shape, bytes } of contents) {
          expect(file.tensors.get(name)).toMatchObject({ dtype, shape });
          expect(Buffer.compare(await file.read(name), bytes)).toBe(0);
          expect((file.tensors.get(name)?.position ?? 0) % elementSize(dtype)).toBe(0);
        }
        await file.close();
        const once = readFileSync(path);
        await writeSafetensors(path, contents.toReversed(), { format: 'pt' });
        expect(readFileSync(path).equals(once)).toBe(true);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test('a source that fails or has the wrong length leaves no file', async () => {
    const path = join(folder, 'unfinished.safetensors');
    const before = readdirSync(folder);
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(2));
      throw new Error('the source broke');
    };
    const one = { name: 'a', dtype: 'U8' as const, shape: [4] };
    await expect(writeSafetensors(path, [{ ...one, bytes: failing() }])).rejects.toThrow('the source broke');
    await expect(writeSafetensors(path, [{ ...one, bytes: new Uint8Array(3) }])).rejects.toThrow(RangeError);
    await expect(writeSafetensors(path, [{ ...one, bytes: new Uint8Array(5) }])).rejects.toThrow(RangeError);
    const empty = { ...one, shape: [0], bytes: new Uint8Array() };
    await expect(writeSafetensors(path, [empty, empty])).rejects.toThrow('tensor name a is taken');
    expect(readdirSync(folder)).toEqual(before);
  });
});

function bytesFor(dtype: Dtype, shape: readonly number[], seed: number): Uint8Array {
  const count = shape.reduce((total, size) => total * size, elementSize(dtype));
  return Uint8Array.from({ length: count }, (_, index) => (index * 31 + seed * 17) % 251);
}
