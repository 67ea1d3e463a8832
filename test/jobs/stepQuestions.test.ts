/** Questions with every evaluation during training: their answers, the best step by them, and going on after a stop. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { evaluateJob } from '../../engine/jobs/answering/evaluate.ts';
import { trainJob } from '../../engine/jobs/training/train.ts';
import type { RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import type { AnswerRecord } from '../../engine/protocol/answers/evaluation.ts';
import type { EvaluationEvent, RunEvent } from '../../engine/protocol/runs/events.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { adapterBytes, runSample, SAMPLE, sampleConfiguration } from './sampleRun.ts';

vi.setConfig({ testTimeout: 120_000 });

const signal = new AbortController().signal;
const DATA = join(SAMPLE, 'evaluation.jsonl');

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function asking(changes: Readonly<Record<string, unknown>> = {}): Promise<RunConfiguration> {
  return sampleConfiguration({
    ...{ 'training.maxSteps': 4, 'training.evaluateEvery': 2, 'data.evaluation': { count: 8 } },
    ...{ 'questions.data': DATA, 'questions.scoring': 'exact', 'questions.limit': 6 },
    ...changes,
  });
}

function evaluationsOf(events: readonly RunEvent[]): readonly EvaluationEvent[] {
  return events.filter((event) => event.type === 'evaluation');
}

async function answersIn(path: string): Promise<readonly AnswerRecord[]> {
  const lines = (await readFile(join(path, 'answers.jsonl'), 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AnswerRecord).toSorted((a, b) => a.index - b.index);
}

test.each([
  ['neuroada', 'layered'],
  ['neuroada', 'wholeGraph'],
  ['lora', 'layered'],
  ['full', 'layered'],
])('are answered as the adapter of that step answers them: %s, %s', async (method, plan) => {
  const runFolder = join(folder, `${method}-${plan}`);
  const configuration = await asking({ method, 'engine.plan': plan, 'training.learningRate': 0.02 });
  const evaluations = evaluationsOf(await runSample(runFolder, configuration));
  expect(evaluations.map(({ step }) => step)).toEqual([2, 4]);
  const [path] = evaluations.at(-1)!.answers!;
  expect(path).toBe('evaluations/evaluation-step-000004');
  const params = { tasks: [], data: DATA, scoring: 'exact', method: 'generate', limit: 6, rowCount: 16 } as const;
  const output = join(folder, 'evaluations');
  const observer = { onEvent: (): void => undefined };
  const { evaluations: found } = await evaluateJob(
    { ...params, model: runFolder, includesBase: false, name: `${method}-${plan}`, output },
    observer,
    signal,
  );
  expect(evaluations.at(-1)!.scores!['accuracy']).toBe(found[0]!.summary.sides.tuned!.scores['accuracy']!.value);
  const answers = await answersIn(join(runFolder, path!));
  expect(answers).toEqual(await answersIn(found[0]!.folder));
  const earlier = await answersIn(join(runFolder, evaluations[0]!.answers![0]!));
  expect(earlier.map(({ text }) => text)).not.toEqual(answers.map(({ text }) => text));
});

test('choose the best step', async () => {
  const runFolder = join(folder, 'best');
  // The learning rate rises to far more than the model stands.
  const unsteady = { 'training.learningRate': 1, 'training.schedule': 'constant', 'training.warmupRatio': 0.99 };
  const choice = { 'training.selectBest': 'metric', 'training.maxSteps': 12, 'questions.scoring': 'perplexity' };
  const events = await runSample(runFolder, await asking({ ...unsteady, ...choice }));
  const evaluations = evaluationsOf(events);
  const perplexities = evaluations.map(({ scores }) => scores!['perplexity']!);
  const best = evaluations[perplexities.indexOf(Math.min(...perplexities))]!;
  expect(best.step).toBeLessThan(12);
  expect(best.chosenBy).toBe('perplexity');
  expect(evaluations.findLast(({ isBest }) => isBest)).toBe(best);
  expect(events.find((event) => event.type === 'result')).toMatchObject({ adapterStep: best.step });
});

test.each([2, 4])('that are stopped at step %i are gone on with', async (stopStep) => {
  const configuration = await asking({ 'training.selectBest': 'metric' });
  const whole = join(folder, `whole ${String(stopStep)}`);
  const expected = evaluationsOf(await runSample(whole, configuration));

  const runFolder = join(folder, `stopped ${String(stopStep)}`);
  const stopping = new AbortController();
  const events: RunEvent[] = [];
  let step = 0;
  const observer = {
    onEvent: (event: RunEvent): void => {
      events.push(event);
      if (event.type === 'step') step = event.step;
    },
    onProgress: ({ phase, done }: { phase: string; done: number }): void => {
      if (phase.startsWith('asking') && step === stopStep && done >= 2) stopping.abort();
    },
  };
  const stopped = await trainJob({ configuration, runFolder, resume: false }, observer, stopping.signal);
  expect(stopped).toMatchObject({ status: 'stopped', steps: stopStep });
  expect(evaluationsOf(events).map(({ step: evaluated }) => evaluated)).toEqual(stopStep === 2 ? [] : [2]);
  const kept = await answersIn(join(runFolder, 'evaluations', `evaluation-step-00000${String(stopStep)}`));
  expect(kept.length).toBeGreaterThanOrEqual(2);

  events.push(...(await runSample(runFolder, configuration, { resume: true })));
  const withoutTime = (event: EvaluationEvent): EvaluationEvent => ({ ...event, time: 0 });
  expect(evaluationsOf(events).map(withoutTime)).toEqual(expected.map(withoutTime));
  expect((await adapterBytes(runFolder)).equals(await adapterBytes(whole))).toBe(true);
});

test('need evaluation data, and to be there where they choose', async () => {
  const configuration = await asking();
  const data = { ...configuration.data };
  delete data.evaluation;
  await expect(runSample(join(folder, 'without'), { ...configuration, data })).rejects.toMatchObject({
    code: 'training/noEvaluationData',
  });
  const choosing = await asking({ 'training.selectBest': 'metric', questions: undefined });
  await expect(runSample(join(folder, 'none'), choosing)).rejects.toMatchObject({ code: 'training/noSuchScore' });
});
