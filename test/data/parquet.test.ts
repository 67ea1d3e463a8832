import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataFolder, readAll } from './dataFolder.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const { write } = dataFolder();

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

test('changed bytes anywhere are a problem or other data, and leave no failure unattended', async () => {
  const whole = readFileSync(join(FIXTURES, 'messages.parquet'));
  const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const bytes = Buffer.from(whole);
      for (const [position, byte] of changes) bytes[position] = byte;
      const { records, problems } = await readAll(write('changed.parquet', bytes), 'parquet');
      expect(records.length + problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 400, seed: 1 },
  );
});
