/** What the launch proposes for an encoder's data: tasks of GLUE where the file is theirs, by the engine's own previews. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { previewData } from '../../engine/jobs/preparation/previewData.ts';
import { developmentSetBeside } from '../../extension/launch/developmentSet.ts';
import { completeConfiguration, draftConfiguration, type LaunchDraft } from '../../extension/launch/launchDraft.ts';
import type { EngineAnswers } from '../../extension/launch/steps/launchStep.ts';
import { presetItems } from '../../extension/launch/steps/presetStep.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { GOLDEN } from '../training/goldenModel.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const engine: Pick<EngineAnswers, 'preview'> = {
  preview: async (draft, preset) =>
    previewData(await completeConfiguration(draftConfiguration({ ...draft, ...preset })), 1),
};

async function draftOn(path: string, text: string): Promise<LaunchDraft> {
  const data = join(folder, path);
  await mkdir(join(data, '..'), { recursive: true });
  await writeFile(data, text);
  return {
    ...{
      base: join(GOLDEN, 'encoders', 'bert-headless'),
      data,
      template: 'auto',
      task: undefined,
      evaluation: undefined,
    },
    ...{ budget: { k: 1 }, epochs: 3, device: 'cpu', threads: 1 },
  };
}

test('a published file that makes sense as that of its task alone', async () => {
  const draft = await draftOn('CoLA/train.tsv', 'gj04\t1\t\tthe cat sat\ngj04\t0\t*\tcat the sat\n');
  const items = await presetItems(engine, draft);
  expect(items[0]).toMatchObject({ task: 'cola', label: 'CoLA (GLUE)' });
  expect(items[0]?.description).toBe('Is a sentence acceptable? unacceptable, acceptable');
});

test('the task that the path names stands first, before the labels themselves and the tasks of like fields', async () => {
  const lines = [
    { sentence1: 'a b', sentence2: 'c d', label: 0 },
    { sentence1: 'b c', sentence2: 'd a', label: 1 },
  ];
  const draft = await draftOn('glue/rte-train.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
  const items = await presetItems(engine, draft);
  expect(items.slice(0, 2).map(({ task, label }) => [task, label])).toEqual([
    ['rte', 'RTE (GLUE)'],
    [undefined, 'Predict one of 2 labels'],
  ]);
  expect(items.slice(2).map(({ task }) => task)).toContain('mrpc');
  expect(items.map(({ task }) => task)).not.toContain('qnli');
});

test('a file of neither kind is refused for its own fault', async () => {
  const draft = await draftOn('broken.jsonl', '{"nothing": 1}\n');
  await expect(presetItems(engine, draft)).rejects.toMatchObject({ code: expect.stringMatching(/^data\//) as string });
});

test('the development set beside the training data is what evaluates the task', async () => {
  const draft = await draftOn('MNLI/train.tsv', 'index\n');
  expect(await developmentSetBeside(draft.data)).toBeUndefined();
  await writeFile(join(folder, 'MNLI', 'dev_mismatched.tsv'), '');
  await writeFile(join(folder, 'MNLI', 'dev_matched.tsv'), '');
  const evaluation = await developmentSetBeside(draft.data);
  expect(evaluation).toBe(join(folder, 'MNLI', 'dev_matched.tsv'));
  const { data } = draftConfiguration({ ...draft, task: 'mnli', evaluation });
  expect(data).toMatchObject({ task: 'mnli', evaluation });
  expect(draftConfiguration(draft).data).toMatchObject({ evaluation: { share: 0.05 } });
});
