import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTokenizer } from '../../engine/checkpoint/tokenizer/tokenizer.ts';
import type { DataTokenizer } from '../../engine/data/dataTokenizer.ts';
import { dataFingerprint } from '../../engine/data/fingerprint.ts';
import { previewTrainingData } from '../../engine/data/preview.ts';
import { DataProblemsError } from '../../engine/data/problems.ts';
import { loadTrainingData, validateTrainingData } from '../../engine/data/trainingData.ts';
import { CancelledError, ExpectedError } from '../../engine/errors/expected.ts';
import {
  runConfigurationSchema,
  type RunConfiguration,
  type RunConfigurationInput,
} from '../../engine/protocol/configuration/configuration.ts';
import { dataFolder, expectedError } from './dataFolder.ts';
import { byteLevelTokenizer, CHATML } from './smallTokenizer.ts';

const { write, folder } = dataFolder();
const tokenizer = byteLevelTokenizer(CHATML);
const FIXTURES = join(import.meta.dirname, 'fixtures');

function dataOf(data: RunConfigurationInput['data']): RunConfiguration['data'] {
  return runConfigurationSchema.parse({ base: 'base', data }).data;
}

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, n) =>
    JSON.stringify({ prompt: `${String(n)} is`, completion: ' the answer' }),
  ).join('\n');
const numbers = write('numbers.jsonl', numbered(100));

describe('loading', () => {
  test('formats and shapes may differ from file to file', async () => {
    const csv = write('a.csv', 'question,answer\nWhat?,blue\n');
    const fields = { instruction: 'question', output: 'answer' };
    const train = [numbers, csv, join(FIXTURES, 'instructions.parquet')];
    const { train: set, sources } = await loadTrainingData(dataOf({ train, fields }), 1, tokenizer);
    expect(sources).toMatchObject([
      { format: 'jsonl', shape: 'completion', template: 'plain' },
      { format: 'csv', shape: 'instruction', template: 'chat' },
      { format: 'parquet', shape: 'instruction', template: 'chat' },
    ]);
    expect(set.report).toMatchObject({ records: 106, examples: 106, truncated: 0, skipped: 0, withoutLabels: 0 });
    expect(set.report.tokens).toBe(set.examples.reduce((sum, { tokens }) => sum + tokens.length, 0));
    const learnt = set.examples.map(({ tokens, isLabel }) =>
      tokenizer.decode([...tokens].filter((_, t) => isLabel[t] === 1)),
    );
    expect(learnt.slice(99, 102)).toEqual([
      ' the answer<|im_end|>',
      'blue<|im_end|>',
      'The sum is 0 – ça va.<|im_end|>',
    ]);
  });

  test('a held-out part and a limit give just so many examples, the same for the same seed', async () => {
    const data = dataOf({ train: numbers, limit: 60, evaluation: { count: 15 } });
    const first = await loadTrainingData(data, 5, tokenizer);
    const lines = (set: { readonly examples: readonly { readonly place: { readonly line: number } }[] }): number[] =>
      set.examples.map(({ place }) => place.line);
    expect([first.train.report.examples, first.evaluation.report.examples]).toEqual([60, 15]);
    expect([...lines(first.train), ...lines(first.evaluation)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 75 }, (_, index) => index + 1),
    );
    expect(lines((await loadTrainingData(data, 5, tokenizer)).evaluation)).toEqual(lines(first.evaluation));
    expect(lines((await loadTrainingData(data, 6, tokenizer)).evaluation)).not.toEqual(lines(first.evaluation));
  });

  test('an evaluation file is read whole whatever the limit', async () => {
    const evaluation = write('evaluation.jsonl', numbered(7));
    const loaded = await loadTrainingData(dataOf({ train: numbers, limit: 3, evaluation }), 1, tokenizer);
    expect([loaded.train.report.examples, loaded.evaluation.report.examples]).toEqual([3, 7]);
    expect(loaded.sources.map(({ file }) => file)).toEqual([numbers, evaluation]);
  });

  test('cancelling ends loading', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const onProgress = (records: number): void => {
      seen.push(records);
      controller.abort();
    };
    const loading = loadTrainingData(dataOf({ train: numbers }), 1, tokenizer, {
      onProgress,
      signal: controller.signal,
    });
    await expect(loading).rejects.toBeInstanceOf(CancelledError);
    expect(seen).toEqual([64]);
  });
});

describe('examples longer than allowed', () => {
  const long = write(
    'long.jsonl',
    [
      { prompt: 'the', completion: ' answer' },
      { prompt: 'the', completion: ' answer'.repeat(20) },
      { prompt: ' the'.repeat(20), completion: ' answer' },
    ]
      .map((record) => JSON.stringify(record))
      .join('\n'),
  );

  test('are cut at the right, without EOS, and dropped where nothing to learn is left', async () => {
    const { train } = await loadTrainingData(dataOf({ train: long, maxLength: 10 }), 1, tokenizer);
    expect(train.report).toMatchObject({
      records: 3,
      examples: 2,
      truncated: 1,
      withoutLabels: 1,
      skipped: 0,
      longest: 10,
    });
    expect(train.examples[1]?.tokens).not.toContain(tokenizer.eosTokenId);
  });

  test('are skipped, or are problems, as the configuration says', async () => {
    const skipping = await loadTrainingData(dataOf({ train: long, maxLength: 10, tooLong: 'skip' }), 1, tokenizer);
    expect(skipping.train.report).toMatchObject({ records: 3, examples: 1, skipped: 2, truncated: 0 });
    const { problems } = await validateTrainingData(
      dataOf({ train: long, maxLength: 10, tooLong: 'error' }),
      1,
      tokenizer,
    );
    expect(problems.map(({ code, place }) => [code, place.line])).toEqual([
      ['data/tooLong', 2],
      ['data/tooLong', 3],
    ]);
  });

  test('all of them left out is an error', async () => {
    const data = dataOf({ train: long, maxLength: 8, tooLong: 'skip', fields: { prompt: 'completion' } });
    const error = await expectedError(() => loadTrainingData({ ...data, maxLength: 2 }, 1, tokenizer));
    expect(error.code).toBe('data/noExamples');
    expect(error.message).toContain('3 are too long');
  });
});

describe('problems', () => {
  test('of the syntax and of the content come together, in order, in one error', async () => {
    const file = write('bad.jsonl', '{"text":"a"}\n{"text":5}\n{oops\n{"txt":"b"}\n');
    const data = dataOf({ train: file });
    const error = await expectedError(() => loadTrainingData(data, 1, tokenizer));
    expect(error).toBeInstanceOf(DataProblemsError);
    expect(error.message.split('\n')).toHaveLength(4);
    expect(error.place).toEqual({ file, line: 2, field: 'text' });
    const { problems } = await validateTrainingData(data, 1, tokenizer);
    expect(problems.map(({ code, place }) => [place.line, code])).toEqual([
      [2, 'data/wrongType'],
      [3, 'data/invalidJson'],
      [4, 'data/missingField'],
    ]);
  });

  test('of a whole file are found too', async () => {
    const { problems } = await validateTrainingData(dataOf({ train: join(folder, 'none.jsonl') }), 1, tokenizer);
    expect(problems.map(({ code }) => code)).toEqual(['files/ENOENT']);
    const unknown = await validateTrainingData(dataOf({ train: write('x.jsonl', '{"a":1}') }), 1, tokenizer);
    expect(unknown.problems.map(({ code, place }) => [code, place.line])).toEqual([['data/unknownShape', 1]]);
  });

  test('that the tokenizer has with a text are shown at its record', async () => {
    const narrow: DataTokenizer = {
      ...tokenizer,
      encode: (text, options) => {
        if (text.includes('42')) throw new ExpectedError('checkpoint/unknownToken', 'has no id', 'Remove it.');
        return tokenizer.encode(text, options);
      },
    };
    const { problems } = await validateTrainingData(dataOf({ train: numbers }), 1, narrow);
    expect(problems.map(({ code, place }) => [code, place])).toEqual([
      ['checkpoint/unknownToken', { file: numbers, line: 43 }],
    ]);
  });

  test('that the chat template raises are shown at their record', async () => {
    const strict = {
      ...tokenizer,
      renderChat: (): string => {
        throw new ExpectedError('checkpoint/chatTemplate', 'roles must alternate', 'Mend the messages.');
      },
    };
    const file = write('chat.jsonl', '\n{"messages":[{"role":"assistant","content":"a"}]}\n');
    const { problems } = await validateTrainingData(dataOf({ train: file }), 1, strict);
    expect(problems.map(({ code, place }) => [code, place])).toEqual([['checkpoint/chatTemplate', { file, line: 2 }]]);
    const { problems: inParquet } = await validateTrainingData(
      dataOf({ train: join(FIXTURES, 'messages.parquet') }),
      1,
      tokenizer,
    );
    expect(inParquet.map(({ message }) => message)).toEqual([
      expect.stringContaining('messages.parquet, field messages[1].content: row 2: expected text, found null'),
    ]);
  });
});

test('the sample is read with its own tokenizer', async () => {
  const sample = join(import.meta.dirname, '../../media/sample');
  const own = await openTokenizer(join(sample, 'checkpoint'));
  const train = join(sample, 'train.jsonl');
  const { train: set, sources } = await loadTrainingData(dataOf({ train, limit: 50 }), 1, own);
  expect(sources).toEqual([{ file: train, format: 'jsonl', shape: 'completion', template: 'plain' }]);
  const records = readFileSync(train, 'utf8').split('\n').slice(0, 50);
  for (const [index, { tokens, isLabel }] of set.examples.entries()) {
    const { prompt, completion } = JSON.parse(records[index]!) as Record<'prompt' | 'completion', string>;
    const decode = (label: 0 | 1): string =>
      own.decode(
        [...tokens].filter((_, t) => isLabel[t] === label),
        { skipSpecialTokens: true },
      );
    expect([decode(0), decode(1), tokens.at(-1)]).toEqual([prompt, completion, own.eosTokenId]);
  }
});

test('a preview shows what is learnt and how the data was understood', async () => {
  const file = write('preview.jsonl', '{"instruction":"What?","output":"blue"}\n{broken');
  const preview = await previewTrainingData(dataOf({ train: file }), tokenizer);
  expect(preview.source).toEqual({ file, format: 'jsonl', shape: 'instruction', template: 'chat' });
  expect(preview.examples).toEqual([
    {
      place: { file, line: 1, unit: 'line' },
      spans: [
        { text: '<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\n', isLearnt: false },
        { text: 'blue<|im_end|>', isLearnt: true },
        { text: '\n', isLearnt: false },
      ],
      tokens: expect.any(Number) as number,
      labelTokens: tokenizer.encode('blue', { addSpecialTokens: false }).length + 1,
    },
  ]);
  const error = await expectedError(() => previewTrainingData(dataOf({ train: file }), tokenizer, 2));
  expect(error.place.line).toBe(2);
});

test('the fingerprint of a file is the SHA-256 of its bytes', async () => {
  expect(await dataFingerprint(write('abc.txt', 'abc'))).toEqual({
    algorithm: 'sha256',
    value: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  });
});
