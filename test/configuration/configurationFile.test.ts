import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  checkConfigurationText,
  loadConfiguration,
  loadSelectionConfiguration,
} from '../../engine/configuration/configurationFile.ts';
import type { Override } from '../../engine/configuration/override.ts';
import { ConfigurationProblems } from '../../engine/configuration/problems.ts';

const GOOD = '{ "base": "base", "data": { "train": "train.jsonl" } }';

/** A folder with a base checkpoint's folder, a data file and the configuration. */
function configurationFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'neuroada-configuration-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'base'));
  writeFileSync(join(folder, 'train.jsonl'), '{"text":"a"}\n');
  const file = join(folder, 'a.neuroada.json');
  writeFileSync(file, text);
  return file;
}

/** Problems as `line:column-column field: message`. */
async function problemsOf(text: string): Promise<string[]> {
  const file = configurationFile(text);
  const { problems = [] } = await checkConfigurationText(text, file);
  return problems.map(
    ({ line, column, endColumn, field, message }) =>
      `${String(line)}:${String(column)}-${String(endColumn)} ${field}: ${message.replaceAll(join(file, '..'), '…')}`,
  );
}

async function load(text: string, overrides: Override[], folder = '/'): ReturnType<typeof loadConfiguration> {
  return loadConfiguration({ file: configurationFile(text), overrides, folder });
}

describe('a good configuration', () => {
  test('has every default and absolute paths', async () => {
    const text = '{"base":"base","output":"out","data":{"train":["train.jsonl"],"evaluation":"./train.jsonl"}}';
    const file = configurationFile(text);
    const folder = join(file, '..');
    expect(await loadConfiguration({ file, folder: '/' })).toMatchObject({
      base: join(folder, 'base'),
      output: join(folder, 'out'),
      data: { train: [join(folder, 'train.jsonl')], evaluation: join(folder, 'train.jsonl'), maxLength: 512 },
      selection: { strategy: 'magnitude' },
      training: { epochs: 3, learningRate: 'auto' },
      engine: { device: 'auto' },
    });
  });

  test('may begin with a byte-order mark', async () => {
    expect(await load(`\ufeff${GOOD}`, [])).toMatchObject({ method: 'neuroada' });
  });

  test('needs no data where only selection is wanted', async () => {
    const file = configurationFile('{"base":"base","selection":{"k":2}}');
    expect(await loadSelectionConfiguration({ file, folder: '/' })).toMatchObject({ selection: { k: 2 } });
    await expect(loadConfiguration({ file, folder: '/' })).rejects.toThrow('data: missing; expected an object');
  });
});

describe('faults of the text', () => {
  test.each([
    ['{"base": 1,}', '1:11-12 : expected a key in double quotes after ",": remove the comma'],
    ['{"base": [1,]}', '1:12-13 : expected a value after ",": remove the comma'],
    ['{\n  "base": "x" // note\n}', '2:15-17 : expected "," or "}", found "//": JSON has no comments'],
    ['{base: 1}', '1:2-6 : expected a key in double quotes, found "base"'],
    ['{"base" 1}', '1:9-10 : expected ":" after the key "base", found "1"'],
    ['{"base": 01}', '1:10-12 : expected a value, found "01"'],
    ['{"base": .5}', '1:10-12 : expected a value, found ".5"'],
    ['', '1:1-1 : expected a value, found the end of the file'],
    ['{"base": "x"', '1:13-13 : expected "," or "}", found the end of the file'],
    ['{} x', '1:4-5 : expected the end of the file, found "x"'],
    ['['.repeat(100), '1:34-35 : nested deeper than 32 levels, found "["'],
  ])('%j', async (text, problem) => {
    expect(await problemsOf(text)).toEqual([problem]);
  });

  test('a string with a bare backslash, as in a Windows path', async () => {
    expect(await problemsOf('{"base": "C:\\models"}')).toEqual([expect.stringContaining('1:10-22 : a string')]);
  });

  test('a key given twice, also one that objects have of their own', async () => {
    const text = '{"base":"base","base":"base","data":{"train":"train.jsonl"},"__proto__":{},"toString":1}';
    expect(await problemsOf(text)).toEqual([
      '1:16-22 : the key "base" is given twice: keep one of them',
      expect.stringContaining('1:61-72 __proto__: unknown field'),
      expect.stringContaining('1:76-86 toString: unknown field'),
    ]);
  });
});

describe('faults of the content', () => {
  test('are all told, each at its place, with what was expected and found', async () => {
    const text = `{
  "base": "base",
  "data": { "train": ["train.jsonl", 3], "evaluation": { "share": 2 }, "maxLength": 4 },
  "selection": { "strategy": "magnitud", "targetModules": [] },
  "training": { "learningRate": "fast", "maxGradNorm": -1, "batchSize": 1.5, "warmupRatio": 1 },
  "engine": { "threads": null }
}`;
    expect(await problemsOf(text)).toEqual([
      '3:38-39 data.train[1]: expected a string that is not empty, found 3',
      '3:67-68 data.evaluation.share: expected a number above 0 and below 1, found 2',
      '3:85-86 data.maxLength: expected a whole number of at least 8, found 4',
      '4:30-40 selection.strategy: expected "magnitude", "reverse", "random" or "gradient", found "magnitud"',
      '4:42-57 selection.targetModules: expected a list with each item a string that is not empty, found []',
      '5:33-39 training.learningRate: expected "auto" or a number above 0, found "fast"',
      '5:56-58 training.maxGradNorm: expected a number above 0 or null, found -1',
      '5:73-76 training.batchSize: expected a whole number above 0, found 1.5',
      '5:93-94 training.warmupRatio: expected a number of at least 0 and below 1, found 1',
      '6:26-30 engine.threads: expected "auto" or a whole number above 0, found null',
    ]);
  });

  test.each([
    ['{"bas":"base","data":{"train":"train.jsonl"}}', '1:2-7 bas: unknown field; did you mean "base"?'],
    [
      '{"base":"base","data":{"train":"train.jsonl","max_length":9}}',
      '1:46-58 data.max_length: unknown field; did you mean "maxLength"?',
    ],
    [
      '{"base":"base","data":{"train":"train.jsonl"},"learning_rate":1}',
      '1:47-62 learning_rate: unknown field; did you mean "training.learningRate"?',
    ],
    [
      '{"base":"base","data":{"train":"train.jsonl","evaluation":{"shar":0.1}}}',
      '1:60-66 data.evaluation.shar: unknown field; did you mean "share"?',
    ],
    [
      '{"base":"base","data":{"train":"train.jsonl"},"selection":{"colour":1}}',
      '1:60-68 selection.colour: unknown field; known here: strategy, k, trainableShare, neuronShare, targetModules, gradientBatches',
    ],
  ])('an unknown field says which one may be meant: %s', async (text, problem) => {
    expect(await problemsOf(text)).toEqual([problem]);
  });

  test('a missing field is told at the object that lacks it', async () => {
    expect(await problemsOf('{\n  "base": "base",\n  "data": {}\n}')).toEqual([
      '3:3-9 data.train: missing; expected a string that is not empty or a list with each item a string that is not empty',
    ]);
    expect(await problemsOf('[1]')).toEqual(['1:1-2 : expected an object with "base" and "data", found [1]']);
  });

  test('k and a budget exclude each other', async () => {
    const text = '{"base":"base","data":{"train":"train.jsonl"},"selection":{"k":1,"trainableShare":0.5}}';
    expect(await problemsOf(text)).toEqual([
      '1:83-86 selection.trainableShare: k and trainableShare exclude each other: keep one of them',
    ]);
  });

  test('paths must lead somewhere', async () => {
    expect(
      await problemsOf('{"base":"org/model","data":{"train":["train.jsonl","x.csv"],"evaluation":"base"}}'),
    ).toEqual([
      '1:9-20 base: there is no folder …/org/model; a model of the Hugging Face hub must be downloaded first',
      '1:52-59 data.train[1]: there is no file …/x.csv',
      '1:74-80 data.evaluation: expected a data file, found the folder …/base',
    ]);
    expect(await problemsOf('{"base":"train.jsonl","data":{"train":"train.jsonl"}}')).toEqual([
      '1:9-22 base: expected the folder of a checkpoint, found the file …/train.jsonl',
    ]);
  });
});

describe('overrides', () => {
  test('take the place of what the file says', async () => {
    const overrides = [
      { field: 'training.epochs', value: 1, flag: '--epochs' },
      { field: 'selection.k', value: 4, flag: '--k', replaces: ['selection.trainableShare'] },
    ];
    const text =
      '{"base":"base","data":{"train":"train.jsonl"},"selection":{"trainableShare":0.1,"strategy":"random"}}';
    const { training, selection } = await load(text, overrides);
    expect(training.epochs).toBe(1);
    expect(selection).toEqual({ strategy: 'random', k: 4, neuronShare: 1, gradientBatches: 8 });
  });

  test('have paths that start from the working folder', async () => {
    const file = configurationFile(GOOD);
    const overrides = [{ field: 'output', value: 'x/y', flag: '--output' }];
    expect(await loadConfiguration({ file, overrides, folder: '/work' })).toMatchObject({ output: '/work/x/y' });
  });

  test('can be the whole configuration', async () => {
    const folder = join(configurationFile(GOOD), '..');
    const overrides = [
      { field: 'base', value: 'base', flag: '--base' },
      { field: 'data.train', value: 'train.jsonl', flag: '--data' },
    ];
    const configuration = await loadConfiguration({ overrides, folder });
    expect(configuration).toMatchObject({ base: join(folder, 'base'), data: { train: join(folder, 'train.jsonl') } });
  });

  test('are named in errors by their flag', async () => {
    const problem = load(GOOD, [{ field: 'training.epochs', value: -1, flag: '--epochs' }]);
    await expect(problem).rejects.toThrow(
      ': --epochs, training.epochs: expected a number above 0, found -1. Correct it',
    );
    const unknown = load(GOOD, [{ field: 'training.epoch', value: 1, flag: '--set' }]);
    await expect(unknown).rejects.toMatchObject({ problems: [{ flag: '--set', field: 'training.epoch' }] });
  });
});

test('the error names file and first line, and holds every problem', async () => {
  const file = configurationFile('{\n"base": 1,\n"data": { "train": "train.jsonl" },\n"nam": "x" }');
  const error = await loadConfiguration({ file, folder: '/' }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationProblems);
  expect(error).toMatchObject({ code: 'configuration/invalid', place: { file, line: 2 }, problems: [{}, {}] });
  expect((error as Error).message).toBe(
    `${file}:2: line 2, base: expected a string that is not empty, found 1; line 4, nam: unknown field; did you mean "name"?. Correct them and start again.`,
  );
});

test('a file that is not there is an expected error', async () => {
  await expect(loadConfiguration({ file: '/nowhere/x.json', folder: '/' })).rejects.toMatchObject({
    code: 'files/ENOENT',
  });
});
