/** Every method on an encoder: trained beside its classifier, resumed, merged. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mergeJob } from '../../engine/jobs/merging/merge.ts';
import { runConfigurationSchema, type RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import { METHODS } from '../../engine/protocol/configuration/methods.ts';
import { GOLDEN } from '../training/goldenModel.ts';
import { adapterBytes, lossesOf, runSample } from './sampleRun.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'neuroada-encoder-methods-'));
  const sentences = ['the cat sat on the mat', 'the song is good', 'a dog sat', 'a bad film'];
  const lines = Array.from(
    { length: 24 },
    (_, index) => `${JSON.stringify({ sentence: sentences[index % 4], label: index % 2 })}\n`,
  );
  await writeFile(join(folder, 'train.jsonl'), lines.join(''));
  await writeFile(join(folder, 'dev.jsonl'), lines.slice(0, 8).join(''));
});
afterAll(() => rm(folder, { recursive: true }));

function configurationOf(method: string): RunConfiguration {
  return runConfigurationSchema.parse({
    base: join(GOLDEN, 'encoders', 'bert'),
    method,
    data: { train: join(folder, 'train.jsonl'), evaluation: join(folder, 'dev.jsonl'), task: 'sst2' },
    lora: { r: 2, dropout: 0.2 },
    training: { epochs: 2, batchSize: 8, learningRate: 0.01, checkpointEvery: 2, selectBest: 'last' },
    engine: { threads: 1 },
  });
}

test.each(METHODS)('%s', async (method) => {
  const configuration = configurationOf(method);
  const [whole, stopped] = [join(folder, method), join(folder, `${method} stopped`)];
  const losses = lossesOf(await runSample(whole, configuration));
  expect(losses.size).toBe(6);
  const first = await runSample(stopped, configuration, { stopAfter: 3 });
  const second = await runSample(stopped, configuration, { resume: true });
  expect(new Map([...lossesOf(first), ...lossesOf(second)])).toEqual(losses);
  expect((await adapterBytes(stopped)).equals(await adapterBytes(whole))).toBe(true);
  const request = { adapters: [whole], output: join(folder, `${method} merged`), dtype: 'base', verify: true } as const;
  const observer = { onEvent: (): void => undefined };
  const merged = await mergeJob({ ...request, allowOtherBase: false }, observer, new AbortController().signal);
  expect(merged.changedEntries).toBeGreaterThan(0);
  expect(merged.maxLogitDifference).toBeLessThan(1e-5);
});
