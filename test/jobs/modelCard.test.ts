/** The card of a merged model: what it says, and that unmerging leaves no trace of it. */
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluateJob } from '../../engine/jobs/answering/evaluate.ts';
import { mergeJob } from '../../engine/jobs/merging/merge.ts';
import { unmergeJob } from '../../engine/jobs/merging/unmerge.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { runSample, SAMPLE, sampleConfiguration } from './sampleRun.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const QUIET = { onEvent: () => undefined };
const SIGNAL = new AbortController().signal;

test('names base, method, data and results; the base has its own card again after unmerging', async () => {
  const base = join(folder, 'base model');
  await cp(join(SAMPLE, 'checkpoint'), base, { recursive: true });
  await writeFile(join(base, 'README.md'), 'The card of the base.\n');
  const run = join(folder, 'run');
  await runSample(run, await sampleConfiguration({ base, 'selection.k': 2, 'training.maxSteps': 4, name: 'Support' }));
  const data = join(SAMPLE, 'evaluation.jsonl');
  const asked = { tasks: [], data, scoring: 'exact', method: 'likelihood', limit: 4, rowCount: 4 } as const;
  await evaluateJob({ ...asked, model: run, scoring: 'perplexity', includesBase: true }, QUIET, SIGNAL);

  const merged = join(folder, 'merged');
  const request = { adapters: [run], output: merged, dtype: 'base', allowOtherBase: false, verify: false } as const;
  await mergeJob(request, QUIET, SIGNAL);
  const card = await readFile(join(merged, 'README.md'), 'utf8');
  expect(card).toContain('base_model: "base model"');
  expect(card).toContain('## Support');
  expect(card).toContain('NeuroAda, 2 input connections of each neuron, selected by magnitude');
  expect(card).toContain('train.jsonl, evaluation.jsonl (the first 64 training examples)');
  expect(card).toMatch(/\| evaluation\S* \| perplexity \| 4 \| \d+\.\d+ \| \d+\.\d+ \|/);
  expect(card).not.toContain(folder);
  expect(await readFile(join(merged, 'README.base.md'), 'utf8')).toBe('The card of the base.\n');

  const again = join(folder, 'again');
  const { isExact } = await unmergeJob({ merged, adapters: [join(run, 'adapter')], output: again }, QUIET, SIGNAL);
  expect(isExact).toBe(true);
  expect((await readdir(again)).sort()).toEqual((await readdir(base)).sort());
  expect(await readFile(join(again, 'README.md'), 'utf8')).toBe('The card of the base.\n');
});
