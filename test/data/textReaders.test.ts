import { describe, expect, test } from 'vitest';
import { readJsonArray } from '../../engine/data/formats/jsonArray.ts';
import { readJsonLines } from '../../engine/data/formats/jsonLines.ts';
import { dataFolder, readAll } from './dataFolder.ts';
import type { ExpectedError } from '../../engine/errors/expected.ts';

const { write } = dataFolder();
const linesOf = (records: readonly { place: { line: number } }[]): number[] => records.map(({ place }) => place.line);

describe('JSON lines', () => {
  test('a byte order mark, CRLF, blank lines and a missing last line break do no harm', async () => {
    const { records, problems } = await readAll(write('a.jsonl', '\ufeff{"text":"ä"}\r\n\r\n  \n{"text":"b"}'));
    expect(problems).toEqual([]);
    expect(records.map(({ record }) => record)).toEqual([{ text: 'ä' }, { text: 'b' }]);
    expect(linesOf(records)).toEqual([1, 4]);
  });

  test('each broken line is reported with its line, column and find, and the others are read', async () => {
    const file = write('b.jsonl', '{"text":"a"}\n{"text":NaN}\n[1]\n{"text":"c"\n{"text":"d"}\n7\n{"text":"x');
    const { records, problems } = await readAll(file);
    expect(linesOf(records)).toEqual([1, 5]);
    expect(problems.map(({ place, code }) => [place.line, code])).toEqual([
      [2, 'data/invalidJson'],
      [3, 'data/notARecord'],
      [4, 'data/invalidJson'],
      [6, 'data/notARecord'],
      [7, 'data/invalidJson'],
    ]);
    expect(problems[0]?.message).toContain(`${file}:2: invalid JSON at column 9: expected a value, found "NaN}"`);
    expect(problems[2]?.problem).toContain('found the end of the record');
  });

  test('bytes that are not UTF-8 are reported at their line', async () => {
    const { problems } = await readAll(write('c.jsonl', Buffer.from('{"text":"a"}\n{"text":"\xe4"}\n', 'latin1')));
    expect(problems.map(({ place, code }) => [place.line, code])).toEqual([[2, 'data/notUtf8']]);
  });

  test('reading stops after twenty problems', async () => {
    const { problems } = await readAll(write('d.jsonl', '{broken\n'.repeat(1000)));
    expect(problems).toHaveLength(20);
  });

  test('a line without end does not fill the memory', async () => {
    const file = write('e.jsonl', `{"text":"a"}\n${'x'.repeat(3_000_000)}`);
    const problems: ExpectedError[] = [];
    const lines: number[] = [];
    for await (const { place } of readJsonLines(file, (problem) => problems.push(problem), 1_000_000))
      lines.push(place.line);
    expect(lines).toEqual([1]);
    expect(problems.map(({ place, code }) => [place.line, code])).toEqual([[2, 'data/recordTooLarge']]);
  });

  test('lines that straddle the borders of chunks stay whole', async () => {
    const texts = Array.from({ length: 60 }, (_, index) => 'é'.repeat(30_000 + index));
    const { records } = await readAll(write('f.jsonl', texts.map((text) => JSON.stringify({ text })).join('\n')));
    expect(records.map(({ record }) => record['text'])).toEqual(texts);
  });
});

describe('JSON arrays', () => {
  test('records have the lines at which they start', async () => {
    const file = write(
      'a.json',
      '\ufeff[\r\n  {\r\n    "text": "a]}\\" ,"\r\n  },\r\n\r\n  {"text": "b", "more": [[{}], "]"]}\r\n, {"text":"c"}]\n',
    );
    const { records, problems } = await readAll(file);
    expect(problems).toEqual([]);
    expect(records.map(({ record }) => record['text'])).toEqual(['a]}" ,', 'b', 'c']);
    expect(linesOf(records)).toEqual([2, 6, 7]);
  });

  test('a mistake inside a record is found at its own line, and the next record is read', async () => {
    const { records, problems } = await readAll(
      write('b.json', '[\n{\n"text": "a",\n"n": NaN\n},\n{"text":"b"},\n"loose", 3]'),
    );
    expect(linesOf(records)).toEqual([6]);
    expect(problems.map(({ place, code }) => [place.line, code])).toEqual([
      [4, 'data/invalidJson'],
      [7, 'data/notARecord'],
      [7, 'data/notARecord'],
    ]);
  });

  test.each([
    ['a cut-off record', '[\n{"text": "a"},\n{"text":\n "b', 4],
    ['a cut-off array', '[\n{"text": "a"}\n', 3],
    ['a missing quote', '[\n{"text": "a},\n{"text": "b"}]', 2],
    ['a comma before the end', '[\n{"text": "a"},\n]', 3],
    ['a missing comma', '[\n{"text": "a"}\n{"text": "b"}]', 3],
    ['text after the array', '[\n{"text": "a"}]\n\nx', 4],
    ['an object instead of an array', '{"data": []}', 1],
  ])('%s is found at its line', async (_, content, line) => {
    const { problems } = await readAll(write('c.json', content), 'json');
    expect(problems.map(({ place }) => place.line)).toEqual([line]);
    expect(problems[0]?.code).toMatch(/^data\/(invalidJson|truncatedJson)$/);
  });

  test('a record without end does not fill the memory', async () => {
    const problems: ExpectedError[] = [];
    const file = write('d.json', `[{"text":"a"},\n{"text":[${'1,'.repeat(2_000_000)}`);
    const lines: number[] = [];
    for await (const { place } of readJsonArray(file, (problem) => problems.push(problem), 500_000))
      lines.push(place.line);
    expect(lines).toEqual([1]);
    expect(problems.map(({ place }) => place.line)).toEqual([2]);
  });

  test('records that straddle the borders of chunks stay whole', async () => {
    const list = Array.from({ length: 50 }, (_, index) => ({ text: `"${'ü\n'.repeat(20_000 + index)}` }));
    const { records } = await readAll(write('e.json', JSON.stringify(list, null, 2)));
    expect(records.map(({ record }) => record)).toEqual(list);
  });

  test('a key named __proto__ changes nothing but its own record', async () => {
    const { records } = await readAll(write('f.json', '[{"__proto__": {"text": "x"}}]'));
    expect(Object.keys(records[0]?.record ?? {})).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['text']).toBeUndefined();
  });
});

describe('empty files', () => {
  test.each([
    ['a.jsonl', '\n\n'],
    ['a.json', '[]'],
    ['a.csv', 'text\n'],
  ])('%s without records', async (name, content) => {
    const { problems } = await readAll(write(name, content));
    expect(problems.map(({ code }) => code)).toEqual(['data/emptyFile']);
  });
});
