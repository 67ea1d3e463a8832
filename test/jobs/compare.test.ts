/** A comparison as a whole on the sample: its runs, its numbers, and going on after it was stopped. */
import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareJob } from '../../engine/jobs/comparison/compare.ts';
import type { CompareParams } from '../../engine/protocol/comparison.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { sampleConfiguration } from './sampleRun.ts';

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

  const { comparison, report } = await compareJob(wanted, { onEvent }, new AbortController().signal);
  expect(await readFile(log, 'utf8')).toBe(before);
  expect(comparison.metric).toBe('exactMatch');
  expect(comparison.evaluationExamples).toBe(8);
  expect(comparison.baseScore).toBeGreaterThanOrEqual(0);
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
  expect(await readFile(report, 'utf8')).toContain('| lora, r = 2 |');
  expect(await readFile(join(wanted.output, 'score-by-k.svg'), 'utf8')).toContain('<svg');
  expect((await readFile(join(wanted.output, 'comparison.csv'), 'utf8')).trim().split('\r\n')).toHaveLength(5);
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
