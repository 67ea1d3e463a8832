/** Labelled texts: the published layouts of the tasks of GLUE with their quirks, own files, labels, and the official split. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTokenizer } from '../../engine/checkpoint/tokenizer/tokenizer.ts';
import { collate } from '../../engine/data/batches/microBatch.ts';
import { halveEvaluation } from '../../engine/data/texts/officialSplit.ts';
import { readLabelledTexts, type LabelledText } from '../../engine/data/texts/textReader.ts';
import { loadTrainingData } from '../../engine/data/trainingData.ts';
import type { TrainingData } from '../../engine/data/exampleSets.ts';
import type { ExpectedError } from '../../engine/errors/expected.ts';
import {
  runConfigurationSchema,
  type RunConfigurationInput,
} from '../../engine/protocol/configuration/configuration.ts';
import type { TextTaskName } from '../../engine/protocol/answers/textTasks.ts';
import { GOLDEN } from '../training/goldenModel.ts';
import { dataFolder } from './dataFolder.ts';

const { write } = dataFolder();
const tokenizer = await openTokenizer(join(GOLDEN, 'encoders', 'bert'));

async function read(file: string, task?: TextTaskName): Promise<(LabelledText | undefined)[]> {
  const problems: ExpectedError[] = [];
  const texts: (LabelledText | undefined)[] = [];
  const data = { format: 'auto', fields: {}, ...(task === undefined ? {} : { task }) } as const;
  for await (const { text } of readLabelledTexts(file, data, (problem) => problems.push(problem))) texts.push(text);
  expect(problems).toEqual([]);
  return texts;
}

function load(data: Partial<RunConfigurationInput['data']> & { train: string }): Promise<TrainingData> {
  return loadTrainingData(runConfigurationSchema.shape.data.parse(data), 3, tokenizer);
}

const PUBLISHED: Readonly<Record<TextTaskName, readonly [file: string, content: string, texts: unknown[]]>> = {
  cola: [
    'train.tsv',
    'gj04\t1\t\tThe "cat" sat.\ngj04\t0\t*\t"Sat the cat.\n',
    [
      [['The "cat" sat.'], '1'],
      [['"Sat the cat.'], '0'],
    ],
  ],
  sst2: ['train.tsv', 'sentence\tlabel\na bad film \t0\n', [[['a bad film '], '0']]],
  mrpc: [
    'msr_paraphrase_train.txt',
    '\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t7\t8\tHe said "yes.\tYes, he said.\r\n',
    [[['He said "yes.', 'Yes, he said.'], '1']],
  ],
  qqp: [
    'train.tsv',
    'id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\tWhy?\tWhy not?\t0\n2\t4\t5\tA broken line\n',
    [[['Why?', 'Why not?'], '0'], undefined],
  ],
  stsb: [
    'dev.tsv',
    'index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n0\tn\tf\t1\t2\tx\ty\tA cat.\tA dog.\t2.250\n',
    [[['A cat.', 'A dog.'], '2.250']],
  ],
  mnli: [
    'dev_matched.tsv',
    'index\tsentence1\tsentence2\tlabel1\tgold_label\n0\tIt rains.\tIt is wet.\tneutral\tentailment\n1\tA\tB\tneutral\t-\n',
    [[['It rains.', 'It is wet.'], 'entailment'], undefined],
  ],
  qnli: [
    'dev.tsv',
    'index\tquestion\tsentence\tlabel\n0\tWho sat?\tThe cat sat.\tentailment\n',
    [[['Who sat?', 'The cat sat.'], 'entailment']],
  ],
  rte: [
    'dev.tsv',
    'index\tsentence1\tsentence2\tlabel\n0\tThe cat sat.\tA cat sat.\tnot_entailment\n',
    [[['The cat sat.', 'A cat sat.'], 'not_entailment']],
  ],
};

test.each(Object.entries(PUBLISHED))('the published file of %s', async (task, [name, content, expected]) => {
  const texts = await read(write(`${task}-${name}`, content), task as TextTaskName);
  expect(texts.map((text) => text && [text.texts, text.label])).toEqual(expected);
});

describe('other files', () => {
  test('JSON lines as data sets of Hugging Face are exported, with numbers of classes', async () => {
    const file = write(
      'mnli.jsonl',
      '{"premise":"A","hypothesis":"B","label":2,"idx":0}\n{"premise":"A","hypothesis":"C","label":-1}\n',
    );
    const { train, labels } = await load({ train: file, task: 'mnli' });
    expect(labels).toEqual({ problem: 'classification', names: ['entailment', 'neutral', 'contradiction'] });
    expect(train.report).toMatchObject({ records: 2, examples: 1, incomplete: 1, labelTokens: 1 });
    expect(train.examples[0]?.target).toEqual({ class: 2 });
  });

  test("a CSV file of one's own, quoted cells and all", async () => {
    const file = write('own.csv', 'review,stars\n"good, not bad",5\n"a ""bad"" film",1\n');
    const { train, labels } = await load({ train: file, fields: { label: 'stars' } });
    expect(labels).toEqual({ problem: 'classification', names: ['1', '5'] });
    expect(train.examples.map(({ target }) => target)).toEqual([{ class: 1 }, { class: 0 }]);
  });

  test('Parquet as data sets of Hugging Face have it', async () => {
    const { train } = await load({ train: join(import.meta.dirname, 'fixtures', 'pairs.parquet'), task: 'rte' });
    expect(train.report).toMatchObject({ records: 3, examples: 2, incomplete: 1 });
    expect(train.examples.map(({ texts, target }) => [texts, target])).toEqual([
      [['The cat sat.', 'A cat sat.'], { class: 0 }],
      [['A dog sang.', 'No dog sang.'], { class: 1 }],
    ]);
  });

  test('labels with fractions are values', async () => {
    const file = write('values.jsonl', '{"text":"a","label":1}\n{"text":"b","label":2.5}\n');
    const { train, labels } = await load({ train: file });
    expect(labels?.problem).toBe('regression');
    const batch = collate([train.examples], 0);
    expect(batch.values).toEqual(Float32Array.of(1, 2.5));
  });

  test("the labels of the checkpoint's own classifier, by name or by number", async () => {
    const knownLabels = { problem: 'classification', names: ['bad', 'good'] } as const;
    const loadKnown = async (content: string): Promise<TrainingData> =>
      loadTrainingData(
        runConfigurationSchema.shape.data.parse({ train: write('known.jsonl', content) }),
        3,
        tokenizer,
        { knownLabels },
      );
    expect((await loadKnown('{"text":"a","label":1}\n{"text":"b","label":"bad"}\n')).labels).toBe(knownLabels);
    const other = await loadKnown('{"text":"a","label":"new"}\n{"text":"b","label":"bad"}\n');
    expect(other.labels?.names).toEqual(['bad', 'new']);
  });
});

test.each([
  ['data/unknownShape', '{"words":"a","label":1}\n', {}],
  ['data/oneLabel', '{"text":"a","label":1}\n{"text":"b","label":1}\n', {}],
  ['data/wrongType', '{"text":["a"],"label":1}\n', {}],
  ['data/wrongType', '{"text":"a","label":null}\n', {}],
  ['data/notANumber', '{"text":"a","label":"x"}\n', { problem: 'regression' }],
  ['data/unknownField', '{"text":"a","label":1}\n', { fields: { instruction: 'text' } }],
  ['data/unknownLabel', '{"sentence":"a","label":"seven"}\n', { task: 'sst2' }],
  ['data/noExamples', '{"sentence":"a","label":-1}\n', { task: 'sst2' }],
  ['data/tooLong', `{"text":"${'cat '.repeat(60)}","label":1}\n{"text":"a","label":0}\n`, { tooLong: 'error' }],
] as const)('%s', async (code, content, data) => {
  const loading = load({ train: write('faulty.jsonl', content), ...data });
  await expect(loading).rejects.toMatchObject({ code });
});

test('a label of the evaluation data that training never saw is a problem at its place', async () => {
  const train = write('some.jsonl', '{"text":"a","label":"x"}\n{"text":"b","label":"y"}\n');
  const evaluation = write('other.jsonl', '{"text":"a","label":"x"}\n{"text":"b","label":"z"}\n');
  await expect(load({ train, evaluation })).rejects.toMatchObject({
    code: 'data/unknownLabel',
    place: { file: evaluation, line: 2 },
  });
});

describe('the official split', () => {
  test.each([
    [10, 5, 5],
    [5000, 2500, 2500],
    [5001, 1000, 4001],
    [3, 1, 2],
  ])('of %i examples', (count, choosing, testing) => {
    const split = halveEvaluation(count, 7);
    expect([split.choosing.length, split.testing.length]).toEqual([choosing, testing]);
    expect(new Set([...split.choosing, ...split.testing]).size).toBe(count);
    expect(halveEvaluation(count, 7)).toEqual(split);
    if (count > 9) expect(halveEvaluation(count, 8)).not.toEqual(split);
  });

  test('is the default of tasks alone', async () => {
    const lines = (count: number): string =>
      Array.from(
        { length: count },
        (_, index) => `{"sentence":"cat ${String(index)}","label":${String(index % 2)}}\n`,
      ).join('');
    const [train, evaluation] = [write('many.jsonl', lines(4)), write('held.jsonl', lines(10))];
    const task = await load({ train, evaluation, task: 'sst2' });
    expect([task.evaluation.examples.length, task.test?.examples.length]).toEqual([5, 5]);
    const own = await load({ train, evaluation });
    expect([own.evaluation.examples.length, own.test]).toEqual([10, undefined]);
    const asked = await load({ train, evaluation, halveEvaluation: true });
    expect(asked.test?.examples.length).toBe(5);
  });
});

test('a batch of texts knows kinds, padding and classes', async () => {
  const file = write('pairs.jsonl', '{"text":"the cat","pair":"a dog","label":0}\n{"text":"a","pair":"b","label":1}\n');
  const { train } = await load({ train: file });
  const batch = collate(
    train.examples.map((example) => [example]),
    0,
  );
  expect([...batch.labelRows]).toEqual([0, batch.sequenceLength]);
  expect([...batch.labels]).toEqual([0, 1]);
  const [first, second] = train.examples.map(({ tokens }) => tokens.length) as [number, number];
  const row = (values: Int32Array | undefined, text: number): number[] =>
    [...(values ?? [])].slice(text * batch.sequenceLength, (text + 1) * batch.sequenceLength);
  expect(row(batch.segments ?? undefined, 1).filter((segment) => segment === 0)).toHaveLength(second);
  expect(row(batch.typeIds, 0).slice(0, first)).toEqual([...(train.examples[0]?.typeIds ?? [])]);
  expect(row(batch.typeIds, 0)).toContain(1);
});
