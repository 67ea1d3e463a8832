/** An encoder through the whole run: trained with a new classifier, resumed, measured by its metric, merged. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { createInspection } from '../../engine/inspection/inspection.ts';
import { checkInputs } from '../../engine/jobs/preparation/checkInputs.ts';
import { estimateJob } from '../../engine/jobs/preparation/estimate.ts';
import { evaluateJob } from '../../engine/jobs/answering/evaluate.ts';
import { generateJob } from '../../engine/jobs/answering/generate.ts';
import { differenceJob, exportJob } from '../../engine/jobs/merging/interchange.ts';
import { mergeJob } from '../../engine/jobs/merging/merge.ts';
import { previewData } from '../../engine/jobs/preparation/previewData.ts';
import { trainJob } from '../../engine/jobs/training/train.ts';
import { runConfigurationSchema, type RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import type { EvaluateParams } from '../../engine/protocol/answers/evaluation.ts';
import { DEFAULT_SAMPLING, type AnswerToken, type GenerateResult } from '../../engine/protocol/answers/generation.ts';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import { summarizeRun } from '../../engine/run/runOverview.ts';
import { readSelection } from '../../engine/selection/selectionFile.ts';
import { GOLDEN } from '../training/goldenModel.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'neuroada-encoder-'));
  const animals = ['the cat sat on the mat', 'a dog sat', 'the bird left the cat', 'a bird sat on a dog'];
  const songs = ['the song is good', 'a bad film', 'it was not a good song', 'the film is long and bad'];
  const lines = Array.from({ length: 48 }, (_, index) => {
    const isSong = index % 2 === 1;
    const sentence = (isSong ? songs : animals)[Math.floor(index / 2) % 4];
    return `${JSON.stringify({ sentence, label: Number(isSong) })}\n`;
  });
  await writeFile(join(folder, 'train.jsonl'), lines.join(''));
  await writeFile(join(folder, 'dev.jsonl'), lines.slice(0, 20).join(''));
});
afterAll(() => rm(folder, { recursive: true }));

function configurationOf(base: string, training: object = {}, data: object = {}): RunConfiguration {
  return runConfigurationSchema.parse({
    base,
    data: { train: join(folder, 'train.jsonl'), evaluation: join(folder, 'dev.jsonl'), task: 'sst2', ...data },
    selection: { k: 2 },
    training: { epochs: 8, batchSize: 8, learningRate: 0.02, ...training },
    engine: { threads: 1 },
  });
}

const train = (configuration: RunConfiguration, runFolder: string, resume = false) =>
  trainJob({ configuration, runFolder, resume }, { onEvent: () => undefined }, new AbortController().signal);

describe.each(['bert-headless', 'bert'])('%s', (name) => {
  const base = join(GOLDEN, 'encoders', name);
  const runFolder = (): string => join(folder, `run ${name}`);

  test('learns, and the best epoch by accuracy is the adapter', async () => {
    const result = await train(configurationOf(base), runFolder());
    const { summary } = await summarizeRun(runFolder());
    expect(result.status).toBe('finished');
    expect(summary.evaluations).toHaveLength(8);
    expect(Object.keys(summary.evaluations[0]?.scores ?? {})).toEqual(['accuracy']);
    expect(summary.bestEvaluation?.scores?.['accuracy']).toBe(1);
    expect(JSON.parse(await readFile(join(runFolder(), RUN_FILES.labels), 'utf8'))).toMatchObject({
      labels: ['negative', 'positive'],
    });
  });

  test('merges into a checkpoint with its classifier, which gives the same logits', async () => {
    const output = join(folder, `merged ${name}`);
    const request = { adapters: [runFolder()], output, dtype: 'base', allowOtherBase: false, verify: true } as const;
    const merged = await mergeJob(request, { onEvent: () => undefined }, new AbortController().signal);
    expect(merged.maxLogitDifference).toBeLessThan(1e-5);
    const card = await readFile(join(output, 'README.md'), 'utf8');
    expect(card).toContain('Classifier: predicts negative, positive');
    expect(card).toMatch(/Evaluation loss of the step with the best accuracy \(1\.0000\): [\d.]+ a text/);
    const checkpoint = await openCheckpoint(output);
    await checkpoint.close();
    expect(checkpoint.config).toMatchObject({
      classifier: { labels: ['negative', 'positive'], problem: 'classification' },
      naming: { prefix: 'bert.', hasClassifier: true },
    });
    const config = JSON.parse(await readFile(join(output, 'config.json'), 'utf8')) as object;
    expect(config).toMatchObject({
      architectures: ['BertForSequenceClassification'],
      id2label: { 0: 'negative', 1: 'positive' },
      label2id: { negative: 0, positive: 1 },
      num_labels: 2,
    });
  });
});

test('a resumed run gives the bytes of an undisturbed one', async () => {
  const base = join(GOLDEN, 'encoders', 'bert-headless');
  const [whole, cut] = [join(folder, 'whole'), join(folder, 'cut')];
  const configuration = configurationOf(base, { checkpointEvery: 5, epochs: 2, weightDecay: 0.1 });
  await train(configuration, whole);
  const stop = new AbortController();
  const observer = {
    onEvent: (event: { readonly type: string; readonly step?: number }) => {
      if (event.type === 'step' && event.step === 7) stop.abort();
    },
  };
  await trainJob({ configuration, runFolder: cut, resume: false }, observer, stop.signal);
  expect((await summarizeRun(cut)).summary.status).toBe('stopped');
  await train(configuration, cut, true);
  for (const file of ['adapter_model.safetensors', 'classifier.safetensors']) {
    const [a, b] = [await readFile(join(whole, 'adapter', file)), await readFile(join(cut, 'adapter', file))];
    expect(a.equals(b), file).toBe(true);
  }
});

test('LoRA on an encoder is an adapter that PEFT opens without a classifier', async () => {
  const run = join(folder, 'lora');
  const configuration = configurationOf(join(GOLDEN, 'encoders', 'bert'), { epochs: 1 });
  await train({ ...configuration, method: 'lora' }, run);
  const config = await readFile(join(run, 'adapter', 'adapter_config.json'), 'utf8');
  expect(JSON.parse(config)).toMatchObject({ peft_type: 'LORA', task_type: 'FEATURE_EXTRACTION' });
});

test('what encoders cannot do is said', async () => {
  const base = join(GOLDEN, 'encoders', 'bert');
  const failing = (configuration: RunConfiguration): Promise<unknown> => train(configuration, join(folder, 'failing'));
  const whole = configurationOf(base);
  await expect(failing({ ...whole, engine: { ...whole.engine, plan: 'wholeGraph' } })).rejects.toMatchObject({
    code: 'run/planNotForEncoders',
  });
  await rm(join(folder, 'failing'), { recursive: true });
  await expect(failing(configurationOf(base, { selectBest: 'exactMatch' }))).rejects.toMatchObject({
    code: 'training/noSuchScore',
  });
  const copy = join(folder, 'decoder');
  await cp(join(import.meta.dirname, '..', '..', 'media', 'sample', 'checkpoint'), copy, { recursive: true });
  await expect(failing(configurationOf(copy))).rejects.toMatchObject({ code: 'data/encoderShape' });
});

describe('measured', () => {
  const evaluate = (params: Partial<EvaluateParams> & { model: string; data: string }) =>
    evaluateJob(
      { tasks: [], scoring: 'exact', method: 'generate', rowCount: 1, includesBase: true, ...params },
      { onEvent: () => undefined },
      new AbortController().signal,
    );

  test('by the part of the evaluation data that chose nothing, in the end of the run', async () => {
    const { summary } = await summarizeRun(join(folder, 'run bert'));
    expect(summary.evaluated).toMatchObject([{ name: 'test', task: 'sst2', metric: 'accuracy', examples: 10 }]);
    const answers = await readFile(join(folder, 'run bert', 'evaluations', 'test', 'answers.jsonl'), 'utf8');
    expect(answers.trim().split('\n')).toHaveLength(10);
    expect(JSON.parse(answers.split('\n')[0] ?? '')).toMatchObject({
      side: 'tuned',
      expected: expect.stringMatching(/negative|positive/) as string,
    });
  });

  test('the run and the merged model score the same; a task by its published folder', async () => {
    await mkdir(join(folder, 'glue', 'SST-2'), { recursive: true });
    const rows = ['sentence\tlabel', 'a bad film\t1', 'the cat sat\t0', 'the bird is a dog\t0'];
    await writeFile(join(folder, 'glue', 'SST-2', 'dev.tsv'), `${rows.join('\n')}\n`);
    const data = join(folder, 'glue');
    const ofRun = await evaluate({ model: join(folder, 'run bert-headless'), data, tasks: ['SST-2'] });
    const ofMerged = await evaluate({
      model: join(folder, 'merged bert-headless'),
      data,
      tasks: ['glue'],
      output: join(folder, 'evaluations'),
    });
    expect(ofMerged.missing).toHaveLength(7);
    const [run, merged] = [ofRun.evaluations[0]?.summary, ofMerged.evaluations[0]?.summary];
    expect(run?.sides.base).toBeUndefined();
    expect(run?.examples).toBe(3);
    expect(merged?.sides.base?.scores).toEqual(run?.sides.tuned?.scores);
  });

  test("a classifier of the base's own is the other side, where it has as many labels", async () => {
    const run = join(folder, 'own');
    const base = join(folder, 'merged bert-headless');
    await train(configurationOf(base, { epochs: 1 }), run);
    const { evaluations } = await evaluate({ model: run, data: join(folder, 'dev.jsonl') });
    expect(Object.keys(evaluations[0]?.summary.sides ?? {})).toEqual(['base', 'tuned']);
    expect(evaluations[0]?.summary.sides.base?.scores['accuracy']?.value).toBe(1);
  });

  test('what would lose its classifier is refused; a difference has the change of one', async () => {
    const [quiet, signal] = [{ onEvent: () => undefined }, new AbortController().signal];
    const headless = join(folder, 'run bert-headless', 'adapter');
    await expect(
      exportJob({ adapter: headless, output: join(folder, 'exported') }, quiet, signal),
    ).rejects.toMatchObject({ code: 'adapter/withClassifier' });
    const base = join(folder, 'merged bert-headless');
    const withoutOne = join(GOLDEN, 'encoders', 'bert-headless');
    await expect(
      differenceJob({ base: withoutOne, tuned: base, output: join(folder, 'difference') }, quiet, signal),
    ).rejects.toMatchObject({ code: 'difference/newClassifier' });

    const merge = { dtype: 'base', allowOtherBase: false, verify: true } as const;
    const [tuned, again] = [join(folder, 'merged own'), join(folder, 'merged again')];
    await mergeJob({ ...merge, adapters: [join(folder, 'own')], output: tuned }, quiet, signal);
    const difference = join(folder, 'difference');
    await differenceJob({ base, tuned, output: difference }, quiet, signal);
    await mergeJob({ ...merge, adapters: [difference], base, output: again }, quiet, signal);
    const [first, second] = [await openCheckpoint(tuned), await openCheckpoint(again)];
    expect([...second.tensors.keys()].sort()).toEqual([...first.tensors.keys()].sort());
    for (const name of first.tensors.keys()) {
      expect(Buffer.from(await second.readRaw(name)).equals(await first.readRaw(name)), name).toBe(true);
    }
    await first.close();
    await second.close();
  });

  test('an encoder without a classifier says so', async () => {
    const model = join(GOLDEN, 'encoders', 'bert-headless');
    await expect(
      evaluate({ model, data: join(folder, 'dev.jsonl'), output: join(folder, 'none') }),
    ).rejects.toMatchObject({ code: 'evaluation/noClassifier' });
  });
});

describe('before a run', () => {
  test('the launch steps see texts, fields and labels', async () => {
    const { shape, template, labels, examples } = await previewData(
      configurationOf(join(GOLDEN, 'encoders', 'bert-headless')),
      2,
    );
    expect({ shape, template, labels }).toEqual({
      shape: 'labelledText',
      template: 'sentence, label',
      labels: ['negative', 'positive'],
    });
    expect(examples[0]).toMatchObject({
      parts: [
        { text: 'the cat sat on the mat', isTrained: false },
        { text: '0', isTrained: true },
      ],
      tokens: 8,
    });
  });

  test('the estimate and the check of inputs take an encoder', async () => {
    const configuration = configurationOf(join(GOLDEN, 'encoders', 'bert'));
    const { signal } = new AbortController();
    const estimate = await estimateJob({ configuration }, { onEvent: () => undefined }, signal);
    expect(estimate).toMatchObject({ k: 2, plan: 'layered', fits: true });
    expect(await checkInputs(configuration, () => undefined, signal)).toEqual([]);
  });
});

test('gradients tell connections apart though the classifier is new', async () => {
  const configuration = configurationOf(join(GOLDEN, 'encoders', 'bert-headless'), { epochs: 1 });
  const selection = { ...configuration.selection, strategy: 'gradient', gradientBatches: 2 } as const;
  const runFolder = join(folder, 'gradient');
  await train({ ...configuration, selection }, runFolder);
  const checkpoint = await openCheckpoint(configuration.base);
  await checkpoint.close();
  const modules = await readSelection(runFolder, checkpoint.config);
  // Of equal scores the lowest columns would be taken.
  expect(modules.some(({ indices }) => indices.some((column) => column > 1))).toBe(true);
});

test('the connections of a run can be looked at, at its checkpoints and in its adapter', async () => {
  const inspection = createInspection();
  const folderOfRun = join(folder, 'run bert');
  for (const at of [48, 'adapter'] as const) {
    const source = { kind: 'run', folder: folderOfRun, at } as const;
    const ask = inspection.table['inspection/describe'];
    const { hasDeltas, selected } = await ask({ source }, new AbortController().signal, () => undefined);
    expect({ hasDeltas, selected }).toEqual({ hasDeltas: true, selected: 832 });
  }
  await inspection.close();
});

test('asked about a text, it answers with its label and how probable each label is', async () => {
  const tokens: AnswerToken[] = [];
  const ask = (prompt: string, model: string): Promise<GenerateResult> =>
    generateJob(
      { model, prompt, template: 'auto', sides: ['base', 'tuned'], sampling: DEFAULT_SAMPLING, alternatives: 5 },
      { onToken: (token) => tokens.push(token) },
      new AbortController().signal,
    );
  const { answers, inputTokens } = await ask('a bad film', join(folder, 'run bert-headless'));
  expect(answers.map(({ side }) => side)).toEqual(['tuned']);
  expect(answers[0]?.text).toMatch(/^positive  [\d.]+ %\nnegative  [\d.]+ %$/);
  expect(inputTokens).toBe(5);
  expect(tokens[0]?.alternatives.map(({ token }) => token)).toEqual(['positive', 'negative']);
  expect((await ask('a bad film\nthe cat sat', join(folder, 'run bert-headless'))).input).toContain('[SEP] the cat');
  await expect(ask('a', join(GOLDEN, 'encoders', 'bert-headless'))).rejects.toMatchObject({
    code: 'evaluation/noClassifier',
  });
});
