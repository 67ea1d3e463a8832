/** A comparison as a whole on the sample: its runs, its numbers, and going on after it was stopped. */
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareJob } from '../../engine/jobs/comparison/compare.ts';
import type { CompareParams, CompareResult } from '../../engine/protocol/comparison.ts';
import type { EvaluationSummary } from '../../engine/protocol/answers/evaluation.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { SAMPLE, sampleConfiguration } from './sampleRun.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const onEvent = (): void => undefined;

async function params(name: string, changes: Partial<CompareParams> = {}): Promise<CompareParams> {
  const settings = { 'training.maxSteps': 3, 'data.limit': 48, 'data.evaluation': { count: 8 } };
  return {
    configuration: await sampleConfiguration(settings),
    methods: ['neuroada', 'lora', 'full'],
    seeds: [1],
    ks: [],
    learningRates: { lora: 1e-3 },
    output: join(folder, name),
    ...changes,
  };
}

test('trains what was not trained yet, in processes of their own, and reports', { timeout: 180_000 }, async () => {
  const wanted = await params('whole', { methods: ['neuroada', 'lora'], ks: [1, 3] });
  const stopping = new AbortController();
  const onProgress = ({ phase }: { phase: string }): void => {
    if (phase.startsWith('training lora')) stopping.abort();
  };
  await expect(compareJob(wanted, { onEvent, onProgress }, stopping.signal)).rejects.toMatchObject({
    name: 'CancelledError',
  });
  await expect(access(join(wanted.output, 'report.md'))).rejects.toMatchObject({ code: 'ENOENT' });
  const log = join(wanted.output, 'runs', 'neuroada-k1-seed1', 'events.jsonl');
  const before = await readFile(log, 'utf8');

  const request = { resume: wanted.output };
  const { comparison, report } = await compareJob(request, { onEvent }, new AbortController().signal);
  expect(await readFile(log, 'utf8')).toBe(before);
  expect(comparison.metric).toBe('exactMatch');
  expect(comparison.evaluationExamples).toBe(8);
  expect(comparison.baseMeasures?.score).toBe(comparison.baseMeasures?.exactMatch);
  expect(comparison.baseMeasures?.evaluationLoss).toBeGreaterThan(0);
  // LoRA of rank 1 is nearest to k = 1, and of rank 2 to k = 3.
  expect(comparison.variants.map(({ label }) => label)).toEqual([
    'neuroada, k = 1',
    'neuroada, k = 3',
    'lora, r = 1',
    'lora, r = 2',
  ]);
  for (const { method, learningRate, trainableParameters, runs } of comparison.variants) {
    expect(learningRate).toBe(method === 'lora' ? 1e-3 : 0.02);
    expect(trainableParameters).toBeGreaterThan(1000);
    expect(runs).toHaveLength(1);
    expect(runs[0]!.peakMemoryBytes).toBeGreaterThan(5e7);
    expect(runs[0]!.stepMs).toBeGreaterThan(0);
    expect(runs[0]!.adapterBytes).toBeGreaterThan(1000);
  }
  expect(await readFile(report, 'utf8')).toContain('| lora, r\u00a0=\u00a02 |');
  expect(await readFile(join(wanted.output, 'score-by-k.svg'), 'utf8')).toContain('<svg');
  expect((await readFile(join(wanted.output, 'comparison.csv'), 'utf8')).trim().split('\r\n')).toHaveLength(6);
});

test('asks every finished run and the base the questions, once', { timeout: 180_000 }, async () => {
  const wanted = await params('asked', { methods: ['neuroada', 'lora'] });
  const questions = { data: join(SAMPLE, 'evaluation.jsonl'), scoring: 'exact', method: 'generate', limit: 6 } as const;
  const configuration = { ...wanted.configuration, questions };
  const phases = new Set<string>();
  const onProgress = ({ phase }: { phase: string }): void => void phases.add(phase);
  const compare = (): Promise<CompareResult> =>
    compareJob({ ...wanted, configuration }, { onEvent, onProgress }, new AbortController().signal);
  const { comparison, report } = await compare();
  expect(comparison).toMatchObject({ metric: 'accuracy', questions: [{ name: 'evaluation.jsonl', examples: 6 }] });
  expect([...phases].filter((phase) => phase.startsWith('asking'))).toEqual([
    'asking neuroada, k = 1, seed 1',
    'asking lora, r = 8, seed 1',
  ]);
  const evaluations = join(wanted.output, 'runs', 'lora-r8-seed1', 'evaluations');
  const { sides } = JSON.parse(
    await readFile(join(evaluations, 'evaluation', 'summary.json'), 'utf8'),
  ) as EvaluationSummary;
  const [lora] = comparison.variants.at(-1)!.runs;
  expect(lora!.score).toBe(sides.tuned!.scores['accuracy']!.value);
  expect(sides.base).toBeUndefined();
  expect(lora!.exactMatch).toBeGreaterThanOrEqual(0);
  expect(await readFile(report, 'utf8')).toMatch(/^\| base \| 0 \| 0 % \| \d\.\d{3} \| \d\.\d{3} \| \d/mu);

  const log = join(wanted.output, 'runs', 'lora-r8-seed1', 'events.jsonl');
  const before = await readFile(log, 'utf8');
  expect(before).toContain('"type":"evaluated"');
  expect((await compare()).comparison).toEqual(comparison);
  expect(await readFile(log, 'utf8')).toBe(before);
  expect(await readdir(evaluations)).toEqual(['evaluation']);
});

test('questions that choose the step are asked during training as well', { timeout: 180_000 }, async () => {
  const wanted = await params('chosen', { methods: ['neuroada'] });
  const { training } = wanted.configuration;
  const questions = { data: join(SAMPLE, 'evaluation.jsonl'), scoring: 'exact', method: 'generate', limit: 3 } as const;
  const configuration = {
    ...wanted.configuration,
    questions,
    training: { ...training, selectBest: 'metric' } as const,
  };
  const request = { ...wanted, configuration };
  const { comparison } = await compareJob(request, { onEvent }, new AbortController().signal);
  expect(comparison.isChosenByQuestions).toBe(true);
  const log = await readFile(join(wanted.output, 'runs', 'neuroada-k1-seed1', 'events.jsonl'), 'utf8');
  expect(log).toContain('"chosenBy":"accuracy"');
});

test('says what is wrong with a folder that it cannot go on with', async () => {
  const { signal } = new AbortController();
  const resume = (path: string): Promise<CompareResult> => compareJob({ resume: path }, { onEvent }, signal);
  await expect(resume(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'files/ENOENT' });
  const damaged = join(folder, 'damaged');
  await mkdir(damaged);
  await writeFile(join(damaged, 'comparison.request.json'), '{"schemaVersion": 1, "methods": ["magic"]}');
  await expect(resume(damaged)).rejects.toMatchObject({ code: 'comparison/damagedRequest' });
});

test('refuses to compare without evaluation data, or methods that cannot be trained', async () => {
  const signal = new AbortController().signal;
  const without = await params('without');
  const data = { ...without.configuration.data, evaluation: undefined };
  const configuration = { ...without.configuration, data };
  await expect(compareJob({ ...without, configuration }, { onEvent }, signal)).rejects.toMatchObject({
    code: 'comparison/noEvaluation',
  });
  const bitfit = await params('bitfit', { methods: ['bitfit'] });
  await expect(compareJob(bitfit, { onEvent }, signal)).rejects.toMatchObject({ code: 'method/noBiases' });
  await expect(access(bitfit.output)).rejects.toMatchObject({ code: 'ENOENT' });
});
