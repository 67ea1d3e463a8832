/** The reader of shared libraries: against the runtime's own, against made ones, and against every kind of damage. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readElfLibrary } from '../../engine/cudaSupport/libraries/elf.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { elfFile } from './elfFile.ts';

const RUNTIME = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(bytes: Buffer) {
  const path = join(folder, 'library.so');
  await writeFile(path, bytes);
  return readElfLibrary(path);
}

test('reads what the runtime needs, and where it looks', async () => {
  expect(await readElfLibrary(RUNTIME)).toEqual({
    needed: [
      ...['libdl.so.2', 'librt.so.1', 'libpthread.so.0', 'libstdc++.so.6', 'libm.so.6', 'libgcc_s.so.1', 'libc.so.6'],
      'ld-linux-x86-64.so.2',
    ],
    runPaths: ['$ORIGIN'],
  });
});

test('reads names and folders in their order', async () => {
  const parts = { needed: ['libb.so.2', 'liba.so.1'], runPath: '$ORIGIN:/opt/x::/opt/y' };
  expect(await read(elfFile(parts))).toEqual({
    needed: ['libb.so.2', 'liba.so.1'],
    runPaths: ['$ORIGIN', '/opt/x', '/opt/y'],
  });
  expect(await read(elfFile())).toEqual({ needed: [], runPaths: [] });
});

const WHOLE = elfFile({ needed: ['libb.so.2', 'liba.so.1'], runPath: '$ORIGIN' });
/** Where the second program header and the dynamic section lie. */
const DYNAMIC_HEADER = 64 + 56;
const DYNAMIC = 64 + 2 * 56;

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(WHOLE);
  change(bytes);
  return bytes;
}

test.each([
  ['is empty', Buffer.alloc(0), 'expected an ELF header, found 0 bytes'],
  ['is text', Buffer.alloc(100, 'INPUT ( libc.so.6 )'), 'expected a shared library for x86-64'],
  ['is for 32 bits', changed((bytes) => bytes.writeUInt8(1, 4)), 'expected a shared library for x86-64'],
  [
    'is for another processor',
    changed((bytes) => bytes.writeUInt16LE(183, 18)),
    'expected a shared library for x86-64',
  ],
  ['has endless segments', changed((bytes) => bytes.writeUInt16LE(0xffff, 56)), 'unknown layout'],
  [
    'has headers beyond its end',
    changed((bytes) => bytes.writeBigUInt64LE(1n << 40n, 32)),
    'speaks of byte 1099511627776',
  ],
  ['is cut', WHOLE.subarray(0, DYNAMIC + 8), 'which it does not have'],
  [
    'has a dynamic section of odd size',
    changed((bytes) => bytes.writeBigUInt64LE(17n, DYNAMIC_HEADER + 32)),
    'its dynamic section has 17 bytes',
  ],
  [
    'has a name beyond its strings',
    changed((bytes) => bytes.writeBigUInt64LE(999n, DYNAMIC + 8)),
    'a name lies at 999',
  ],
  [
    'has strings in no segment',
    changed((bytes) => bytes.writeBigUInt64LE(5n, DYNAMIC + 3 * 16 + 8)),
    'its table of strings lies in no segment',
  ],
  ['has a name without end', WHOLE.subarray(0, WHOLE.length - 1), ''],
])('refuses a file that %s', async (_, bytes, problem) => {
  await expect(read(bytes)).rejects.toMatchObject({
    code: 'cuda/badLibrary',
    message: expect.stringContaining(problem) as unknown,
  });
});

test('whatever byte is changed, the answer is names or an expected error', { timeout: 120_000 }, async () => {
  const edit = fc.tuple(fc.nat(WHOLE.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 8 }), fc.nat(WHOLE.length), async (edits, cut) => {
      const bytes = Buffer.from(WHOLE.subarray(0, cut));
      for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
      const outcome = await read(bytes).then(
        ({ needed }) => needed.every((name) => name.length < 4096),
        (error: unknown) => (error as { readonly code?: string }).code === 'cuda/badLibrary',
      );
      expect(outcome).toBe(true);
    }),
    { numRuns: 500 },
  );
});
