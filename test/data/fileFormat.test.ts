import { expect, test } from 'vitest';
import { detectFormat } from '../../engine/data/formats/fileFormat.ts';
import { expectedError } from './dataFolder.ts';

test.each([
  ['a.jsonl', '{"a":1}', 'jsonl'],
  ['a.NDJSON', '\ufeff {"a":1}', 'jsonl'],
  ['a.json', '\n[{"a":1}]', 'json'],
  ['a.json', '{"a":1}\n{"a":2}', 'jsonl'],
  ['a.jsonl', '[{"a":1}]', 'json'],
  ['a.json', 'oops', 'json'],
  ['a.csv', '{"a"},b', 'csv'],
  ['a.tab', 'a\tb', 'tsv'],
  ['a.parquet', 'broken', 'parquet'],
  ['data', 'PAR1....', 'parquet'],
  ['data.txt', '  [\n', 'json'],
])('%s that begins with %j is read as %s', (name, content, format) => {
  expect(detectFormat(name, Buffer.from(content))).toBe(format);
});

test.each([
  ['a.txt', Buffer.from('hello'), 'data/unknownFormat', 'data.format'],
  ['a.jsonl', Buffer.alloc(0), 'data/emptyFile', 'at least one record'],
  ['a.jsonl', Buffer.from([0x1f, 0x8b, 8, 0]), 'data/notData', 'gunzip'],
  ['a.csv', Buffer.from('\ufeffa,b', 'utf16le'), 'data/notData', 'UTF-8'],
  ['a.json', Buffer.from('version https://git-lfs.github.com/spec/v1'), 'data/notData', 'git lfs pull'],
  ['a.csv', Buffer.from('PK\u0003\u0004'), 'data/notData', 'CSV'],
])('%s with %s is refused with %s', async (name, content, code, fix) => {
  const error = await expectedError(() => detectFormat(name, content));
  expect(error.code).toBe(code);
  expect(error.fix).toContain(fix);
  expect(error.place.file).toBe(name);
});
