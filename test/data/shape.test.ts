import { describe, expect, test } from 'vitest';
import { detectShape, checkFieldNames, readExample, type DataShape, type Example } from '../../engine/data/shape.ts';
import type { ExpectedError } from '../../engine/errors/expected.ts';
import { expectedError } from './dataFolder.ts';

const place = { file: 'data.jsonl', line: 7, unit: 'line' } as const;

function read(
  record: Record<string, unknown>,
  shape: DataShape,
  fields: Record<string, string> = {},
): Example | ExpectedError[] {
  const problems: ExpectedError[] = [];
  const example = readExample({ record, place }, shape, fields, (problem) => problems.push(problem));
  return example ?? problems;
}

describe('the shape of the first record', () => {
  test.each<[DataShape, Record<string, unknown>, Record<string, string>]>([
    ['instruction', { instruction: 'a', input: '', output: 'b', answer: 'c' }, {}],
    ['instruction', { question: 'a', answer: 'b' }, { instruction: 'question', output: 'answer' }],
    ['completion', { prompt: 'a', completion: 'b' }, {}],
    ['messages', { messages: [], text: 'x' }, {}],
    ['messages', { conversations: [] }, { messages: 'conversations' }],
    ['text', { text: 'a' }, {}],
  ])('is %s for %j with %j', (shape, record, fields) => {
    expect(detectShape({ record, place }, fields)).toBe(shape);
  });

  test('an unknown one names the fields found, the shapes there are and how to say it', async () => {
    const error = await expectedError(() => detectShape({ record: { question: 'a', answer: 'b' }, place }, {}));
    expect(error.code).toBe('data/unknownShape');
    expect(error.message).toMatch(/^data\.jsonl:7: found the fields question, answer, expected \{instruction, input/);
    expect(error.message).toContain('{messages: [{role, content}]} or {text}');
    expect(error.fix).toMatch(/data\.fields.*data\.shape/);
  });

  test('a rename of a field that no shape has is refused', async () => {
    const error = await expectedError(() => checkFieldNames({ question: 'instruction' }));
    expect(error.place.field).toBe('data.fields');
    expect(error.message).toContain('"question"');
  });
});

describe('the content of a record', () => {
  test('input may be missing or null', () => {
    const example = { shape: 'instruction', instruction: 'a', input: '', output: 'b' };
    expect(read({ instruction: 'a', output: 'b' }, 'instruction')).toEqual(example);
    expect(read({ instruction: 'a', input: null, output: 'b' }, 'instruction')).toEqual(example);
  });

  test('every bad field of a record is reported by the name that it has in the file', () => {
    const problems = read({ question: 5, output: '', input: ['x'] }, 'instruction', { instruction: 'question' });
    expect(problems).toMatchObject([
      { code: 'data/wrongType', place: { line: 7, field: 'question' }, problem: 'expected text, found a number (5)' },
      { code: 'data/wrongType', place: { field: 'input' }, problem: 'expected text, found a list of 1' },
      { code: 'data/emptyField', place: { field: 'output' } },
    ]);
  });

  test.each<[Record<string, unknown>, DataShape, string, string]>([
    [{ prompt: 'a' }, 'completion', 'data/missingField', 'completion'],
    [{ prompt: null, completion: 'b' }, 'completion', 'data/wrongType', 'prompt'],
    [{ text: '' }, 'text', 'data/emptyField', 'text'],
    [{}, 'messages', 'data/missingField', 'messages'],
    [{ messages: '[]' }, 'messages', 'data/wrongType', 'messages'],
    [{ messages: [{ role: 'user', content: 'a' }] }, 'messages', 'data/noAssistantTurn', 'messages'],
    [
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: null },
        ],
      },
      'messages',
      'data/wrongType',
      'messages[1].content',
    ],
    [{ messages: [{ from: 'user' }] }, 'messages', 'data/wrongType', 'messages[0].role'],
    [{ messages: ['hi'] }, 'messages', 'data/wrongType', 'messages[0]'],
    [{ ['__proto__x']: 1 }, 'text', 'data/missingField', 'text'],
  ])('%j as %s is %s at %s', (record, shape, code, field) => {
    expect(read(record, shape)).toMatchObject([{ code, place: { file: 'data.jsonl', line: 7, field } }]);
  });

  test('ShareGPT conversations are read through renames', () => {
    const conversations = [
      { from: 'human', value: 'a' },
      { from: 'gpt', value: 'b' },
    ];
    expect(read({ conversations }, 'messages', { messages: 'conversations', role: 'from', content: 'value' })).toEqual({
      shape: 'messages',
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    });
  });

  test('in a Parquet file the row is named in the text', () => {
    const problems: ExpectedError[] = [];
    readExample({ record: {}, place: { ...place, unit: 'row' } }, 'text', {}, (problem) => problems.push(problem));
    expect(problems[0]?.message).toContain('data.jsonl, field text: row 7: text is missing');
    expect(problems[0]?.place.line).toBeUndefined();
  });
});
