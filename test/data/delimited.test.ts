import { describe, expect, test } from 'vitest';
import { dataFolder, expectedError, readAll } from './dataFolder.ts';

const { write, folder } = dataFolder();

describe('CSV', () => {
  test.each(['\n', '\r\n'])('quoted cells hold commas, quotes and line breaks %j', async (lineBreak) => {
    const lines = ['\ufefftext,note', '"a, ""b""', 'c",1', '', 'd,', '', '"e', '', 'f",3'];
    const { records, problems } = await readAll(write('a.csv', lines.join(lineBreak)));
    expect(problems).toEqual([]);
    expect(records.map(({ record, place }) => [place.line, record['text'], record['note']])).toEqual([
      [2, `a, "b"${lineBreak}c`, '1'],
      [5, 'd', ''],
      [7, `e${lineBreak}${lineBreak}f`, '3'],
    ]);
  });

  test('rows with too few or too many cells are reported and the others read', async () => {
    const { records, problems } = await readAll(write('b.csv', 'a,b\n1,2\n3\n4,5,6\n7,8\n'));
    expect(records.map(({ place }) => place.line)).toEqual([2, 5]);
    expect(problems.map(({ place, code }) => [place.line, code])).toEqual([
      [3, 'data/cellCount'],
      [4, 'data/cellCount'],
    ]);
    expect(problems[0]?.problem).toBe('expected 2 cells as in the header (a, b), found 1');
  });

  test.each([
    ['never closed', 'a,b\r\n"x\r\ny",1\r\n\r\n2,"oops\r\n3,4\r\n', 5],
    ['inside a cell', 'a,b\n1,x"y\n', 2],
    ['followed by text', 'a,b\n1,2\n3,"x"y\n', 3],
  ])('a quote that is %s is found at the line of its record', async (_, content, line) => {
    const { problems } = await readAll(write('c.csv', content));
    expect(problems.map(({ place, code }) => [place.line, code])).toEqual([[line, 'data/invalidCsv']]);
  });

  test('two columns of one name and bytes that are not UTF-8 are refused', async () => {
    expect((await readAll(write('d.csv', 'a,a\n1,2\n'))).problems[0]?.code).toBe('data/doubleField');
    const { problems } = await readAll(write('e.csv', Buffer.from('a\nx\n\xe4\n', 'latin1')));
    expect(problems.map(({ place, code }) => [place.line, code])).toEqual([[3, 'data/notUtf8']]);
  });

  test('a file of many chunks is read to its end', async () => {
    const rows = Array.from({ length: 40_000 }, (_, index) => `"${String(index)},${'z'.repeat(60)}"`);
    const { records } = await readAll(write('f.csv', `text\n${rows.join('\n')}`));
    expect(records).toHaveLength(40_000);
    expect(records.at(-1)?.place.line).toBe(40_001);
  });

  test('reading may stop early, and a missing file says so', async () => {
    const many = await readAll(write('g.csv', `a,b\n${'1\n'.repeat(10_000)}`));
    expect(many.problems).toHaveLength(20);
    expect((await expectedError(() => readAll(`${folder}/missing.csv`))).code).toBe('files/ENOENT');
  });
});

test('in TSV a quote inside a cell is an ordinary character', async () => {
  const { records, problems } = await readAll(write('a.tsv', 'text\tn\nhe said "hi", twice\t5" pipe\n'));
  expect(problems).toEqual([]);
  expect(records[0]?.record).toEqual({ text: 'he said "hi", twice', n: '5" pipe' });
});
