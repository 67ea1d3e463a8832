/** Evaluations as a whole: base and tuned side by side, merged alike, stopped and gone on with, told to the run. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeAdapter } from '../../engine/adapter/adapter.ts';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { evaluateJob } from '../../engine/jobs/answering/evaluate.ts';
import { generateJob } from '../../engine/jobs/answering/generate.ts';
import { mergeJob } from '../../engine/jobs/merging/merge.ts';
import type { AnswerRecord, EvaluateParams, EvaluationSummary } from '../../engine/protocol/answers/evaluation.ts';
import { DEFAULT_SAMPLING, type AnswerToken } from '../../engine/protocol/answers/generation.ts';
import { sampleAdapter, temporaryFolder } from '../adapter/sampleAdapter.ts';

const SAMPLE = join(import.meta.dirname, '..', '..', 'media', 'sample');
const observer = { onEvent: (): void => undefined };
const signal = new AbortController().signal;

let folder: string;
let adapter: string;
let merged: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  adapter = join(folder, 'adapter');
  merged = join(folder, 'merged');
  const checkpoint = await openCheckpoint(join(SAMPLE, 'checkpoint'));
  const { config, modules } = await sampleAdapter(checkpoint, {}, (entry) => Math.sin(entry + 1) / 2);
  await checkpoint.close();
  await writeAdapter(adapter, config, modules);
  const request = { adapters: [adapter], output: merged, dtype: 'F32', allowOtherBase: false, verify: false } as const;
  await mergeJob(request, observer, signal);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function params(model: string, overrides: Partial<EvaluateParams> = {}): EvaluateParams {
  return {
    ...{ model, tasks: [], data: join(SAMPLE, 'evaluation.jsonl'), scoring: 'exact', method: 'generate' },
    ...{ limit: 24, rowCount: 5, includesBase: true, output: join(folder, 'evaluations') },
    ...overrides,
  };
}

async function evaluate(
  model: string,
  overrides: Partial<EvaluateParams> = {},
): Promise<{ summary: EvaluationSummary; answers: readonly AnswerRecord[]; folder: string }> {
  const { evaluations } = await evaluateJob(params(model, overrides), observer, signal);
  const [first] = evaluations;
  return { ...first!, answers: await answersIn(first!.folder) };
}

async function answersIn(path: string): Promise<readonly AnswerRecord[]> {
  const text = await readFile(join(path, 'answers.jsonl'), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AnswerRecord)
    .toSorted((a, b) => a.index - b.index);
}

describe('an evaluation', () => {
  test.each([
    ['exact', 'generate'],
    ['choice', 'likelihood'],
    ['perplexity', 'generate'],
  ] as const)('of base and adapter is that of the merged model: %s, %s', async (scoring, method) => {
    const tuned = await evaluate(adapter, { scoring, method, name: 'tuned' });
    const plain = await evaluate(merged, { scoring, method, name: 'merged' });
    expect(tuned.answers.filter(({ side }) => side === 'tuned').map((answer) => ({ ...answer, side: 'base' }))).toEqual(
      plain.answers,
    );
    expect(tuned.summary.sides.tuned).toEqual(plain.summary.sides.base);
    const alone = await evaluate(join(SAMPLE, 'checkpoint'), { scoring, method, name: 'base' });
    expect(tuned.answers.filter(({ side }) => side === 'base')).toEqual(alone.answers);
    expect(alone.answers).not.toEqual(plain.answers);
  });

  test('that was stopped goes on where it was, behind a torn line, to the same summary', async () => {
    const whole = await evaluate(adapter, { name: 'whole' });
    const stopping = new AbortController();
    const stopped = evaluateJob(
      params(adapter, { name: 'stopped' }),
      {
        ...observer,
        onProgress: ({ phase, done }) => {
          if (phase.endsWith('tuned') && done >= 6) stopping.abort();
        },
      },
      stopping.signal,
    );
    await expect(stopped).rejects.toThrow('cancelled');
    const path = join(folder, 'evaluations', 'stopped');
    const kept = await answersIn(path);
    expect(kept.length).toBeGreaterThanOrEqual(30);
    expect(kept.length).toBeLessThan(48);
    await writeFile(join(path, 'answers.jsonl'), '{"side":"tun', { flag: 'a' });
    const resumed = await evaluate(adapter, { name: 'stopped' });
    expect(resumed.folder).toBe(path);
    expect(resumed.answers).toHaveLength(48);
    const { sides, gained, lost } = whole.summary;
    expect(resumed.summary).toMatchObject({ sides, gained, lost });
    expect((await evaluate(adapter, { name: 'stopped' })).folder).toBe(`${path}-2`);
  });

  test('refuses what cannot be evaluated, and says what to do', async () => {
    const refused = (overrides: Partial<EvaluateParams>, code: string): Promise<void> =>
      expect(evaluateJob(params(adapter, overrides), observer, signal)).rejects.toMatchObject({ code });
    await refused({ scoring: 'number' }, 'data/notANumber');
    await refused({ method: 'likelihood' }, 'evaluation/noChoices');
    await refused({ data: SAMPLE }, 'evaluation/noDataFile');
    await refused({ data: SAMPLE, tasks: ['boolq'] }, 'evaluation/noTaskFile');
    await refused({ data: SAMPLE, tasks: ['chess'] }, 'evaluation/unknownTask');
    const otherBase = evaluateJob(params(adapter, { base: merged }), observer, signal);
    await expect(otherBase).rejects.toMatchObject({ code: 'adapter/otherBase' });
  });

  test('asks a task as the official evaluation does', async () => {
    const data = join(folder, 'tasks');
    await writeTask(data, 'boolq.test.json', [
      { instruction: 'Is ice cold?\n\nAnswer format: true/false', input: '', output: '', answer: 'true' },
    ]);
    const generated = await evaluate(merged, { tasks: ['boolq'], data });
    expect(generated.answers).toMatchObject([{ expected: 'true', got: null, isRight: false }]);
    expect(generated.answers[0]?.tokenCount).toBeLessThanOrEqual(32);
    const chosen = await evaluate(merged, { tasks: ['commonsense'], data, method: 'likelihood' });
    expect(chosen.answers[0]?.got).toMatch(/^(true|false)$/);
    // A file that holds questions of a whole family, and one that cannot be all that it is asked for.
    const file = join(data, 'boolq.test.json');
    const family = await evaluate(merged, { tasks: ['commonsense'], data: file });
    expect(family.summary.task).toBe('commonsense');
    expect(family.answers).toEqual(generated.answers);
    await expect(evaluate(merged, { tasks: ['boolq', 'piqa'], data: file })).rejects.toMatchObject({
      code: 'evaluation/noFolder',
    });
  });
});

async function writeTask(path: string, name: string, records: readonly object[]): Promise<void> {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, name), JSON.stringify(records));
}

describe('an answer to a prompt', () => {
  const prompt = 'Message: The app crashes on my phone.\nTeam:';
  const asked = {
    prompt,
    template: 'plain',
    sampling: { ...DEFAULT_SAMPLING, maxNewTokens: 12 },
    alternatives: 3,
  } as const;

  test('of both sides is that of each alone, and of the merged model, token by token', async () => {
    const ask = async (model: string, sides: readonly ('base' | 'tuned')[]): Promise<readonly AnswerToken[]> => {
      const tokens: AnswerToken[] = [];
      const onToken = (token: AnswerToken): void => void tokens.push(token);
      const { answers } = await generateJob({ ...asked, model, sides }, { onToken }, signal);
      for (const { side, text } of answers) {
        expect(
          tokens
            .filter((token) => token.side === side)
            .map((token) => token.text)
            .join(''),
        ).toBe(text);
      }
      return tokens;
    };
    const both = await ask(adapter, ['base', 'tuned']);
    const of = (side: string): readonly AnswerToken[] => both.filter((token) => token.side === side);
    expect(of('base')).toEqual(await ask(adapter, ['base']));
    expect(of('tuned')).toEqual(await ask(adapter, ['tuned']));
    expect(of('tuned').map((token) => ({ ...token, side: 'base' }))).toEqual(await ask(merged, ['base']));
    expect(of('base').map(({ text }) => text)).not.toEqual(of('tuned').map(({ text }) => text));
    for (const { token, logProbability, alternatives } of both) {
      expect(alternatives[0]).toEqual({ token, logProbability });
    }
  });

  test('is refused where the prompt cannot be written so', async () => {
    const refused = (overrides: object): Promise<unknown> =>
      generateJob({ ...asked, model: adapter, sides: ['base'], ...overrides }, { onToken: () => undefined }, signal);
    await expect(refused({ template: 'chat' })).rejects.toMatchObject({ code: 'generation/template' });
    await expect(refused({ system: 'Be brief.' })).rejects.toMatchObject({ code: 'generation/template' });
    await expect(refused({ prompt: '' })).rejects.toMatchObject({ code: 'generation/emptyPrompt' });
  });
});
