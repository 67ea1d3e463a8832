import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readParquet, type ParquetLimits } from '../../engine/data/formats/parquet.ts';
import { readRowGroups } from '../../engine/data/formats/parquetRows.ts';
import type { ExpectedError } from '../../engine/errors/expected.ts';
import { dataFolder, readAll } from './dataFolder.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const { write } = dataFolder();

/** What a reader with these limits reports of the fixture with some bytes changed. */
async function problemsOf(
  fixture: string,
  changes: readonly (readonly [position: number, byte: number])[],
  limits: ParquetLimits,
): Promise<readonly ExpectedError[]> {
  const bytes = readFileSync(join(FIXTURES, fixture));
  for (const [position, byte] of changes) bytes[position] = byte;
  const problems: ExpectedError[] = [];
  const records = readParquet(write('limited.parquet', bytes), (problem) => problems.push(problem), limits);
  for await (const record of records) expect(record).toBeDefined();
  return problems;
}

test('rows of several row groups come in order with their row numbers', async () => {
  const { records, problems } = await readAll(join(FIXTURES, 'instructions.parquet'));
  expect(problems).toEqual([]);
  expect(records.map(({ place }) => [place.unit, place.line])).toEqual([1, 2, 3, 4, 5].map((row) => ['row', row]));
  expect(records[2]?.record).toMatchObject({
    question: 'What is 2 + 2?',
    input: 'Use words.',
    answer: 'The sum is 4 – ça va.',
  });
});

test('lists of messages arrive as lists of objects', async () => {
  const { records } = await readAll(join(FIXTURES, 'messages.parquet'));
  expect(records[0]?.record['messages']).toEqual([
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello!' },
  ]);
});

test('damaged files are problems, never crashes', async () => {
  const whole = readFileSync(join(FIXTURES, 'instructions.parquet'));
  const damaged = [
    whole.subarray(0, 200),
    Buffer.concat([whole.subarray(0, 40), whole.subarray(120)]),
    Buffer.concat([whole.subarray(0, -8), Buffer.from([0xff, 0xff, 0xff, 0x7f]), Buffer.from('PAR1')]),
    Buffer.from('PAR1PAR1'),
    Buffer.from('PAR1'),
  ];
  for (const [index, bytes] of damaged.entries()) {
    const { problems } = await readAll(write(`${String(index)}.parquet`, bytes));
    expect(
      problems.map(({ code }) => code),
      `file ${String(index)}`,
    ).toEqual(['data/corruptParquet']);
  }
});

test('a file that keeps the decoder busy for ever is given up', async () => {
  const endless = [[218, 1]] as const;
  const [problem, ...others] = await problemsOf('messages.parquet', endless, { timeoutMs: 3000, memoryMB: 512 });
  expect(others).toEqual([]);
  expect(problem?.code).toBe('data/corruptParquet');
  expect(problem?.problem).toContain('no rows within 3 s');
});

test('rows that take too much memory are a problem, and the process goes on', async () => {
  const [problem] = await problemsOf('instructions.parquet', [], { timeoutMs: 30_000, memoryMB: 2 });
  expect(problem?.code).toBe('data/corruptParquet');
  expect(problem?.problem).toContain('its rows take more than 2 MB');
});

test('a reader that stops early leaves no process behind', async () => {
  for await (const record of readParquet(join(FIXTURES, 'instructions.parquet'), () => undefined)) {
    expect(record.place.line).toBe(1);
    break;
  }
  await expect.poll(() => process.getActiveResourcesInfo()).not.toContain('ProcessWrap');
});

test('changed bytes anywhere are an error or other data, and leave no failure unattended', async () => {
  const whole = readFileSync(join(FIXTURES, 'messages.parquet'));
  const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const bytes = Buffer.from(whole);
      for (const [position, byte] of changes) bytes[position] = byte;
      const file = write('changed.parquet', bytes);
      try {
        for await (const { rowCount } of readRowGroups(file)) expect(rowCount).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
    { numRuns: 400, seed: 1 },
  );
});
