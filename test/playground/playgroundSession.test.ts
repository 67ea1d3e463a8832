/** A playground's questions: batched tokens, one question at a time, and each way that one can end. */
import { expect, test } from 'vitest';
import type { AnswerToken, GenerateParams, GenerateResult } from '../../engine/protocol/answers/generation.ts';
import { DEFAULT_SAMPLING } from '../../engine/protocol/answers/generation.ts';
import type { PlaygroundHostMessage } from '../../engine/protocol/answers/playground.ts';
import type { JobProgress } from '../../engine/protocol/rpc.ts';
import { CancelledError, EngineExpectedError } from '../../extension/engine/engineError.ts';
import type { JobsEngine } from '../../extension/engine/jobsEngine.ts';
import { PlaygroundSession } from '../../extension/playground/playgroundSession.ts';

const model = { path: '/runs/first', name: 'first', sides: ['base', 'tuned'] } as const;
const question = { prompt: 'Hello', system: ' ', template: 'auto', sampling: DEFAULT_SAMPLING } as const;
const result: GenerateResult = { template: 'plain', input: 'Hello', inputTokens: 1, answers: [] };

interface Job {
  readonly params: GenerateParams;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
  readonly resolve: (result: GenerateResult) => void;
  readonly reject: (error: unknown) => void;
}

function setUp(): { session: PlaygroundSession; jobs: Job[]; posted: PlaygroundHostMessage[]; bugs: unknown[] } {
  const jobs: Job[] = [];
  const posted: PlaygroundHostMessage[] = [];
  const bugs: unknown[] = [];
  const run = (_: string, params: GenerateParams, signal: AbortSignal, onProgress: Job['onProgress']): unknown =>
    new Promise((resolve, reject) => {
      jobs.push({ params, signal, onProgress, resolve, reject });
      signal.addEventListener('abort', () => reject(new CancelledError()));
    });
  const session = new PlaygroundSession(model, {
    engine: { run } as unknown as JobsEngine,
    post: (message) => posted.push(message),
    phaseText: (phase) => `(${phase})`,
    onBug: (error) => bugs.push(error),
  });
  return { session, jobs, posted, bugs };
}

function told(index: number): JobProgress {
  const token: AnswerToken = {
    ...{ side: 'tuned', index, text: `t${index}`, token: `t${index}` },
    ...{ logProbability: -1, alternatives: [] },
  };
  return { phase: 'answering', done: index + 1, total: 9, token };
}

test('tokens come in batches, none is lost, and the last ones come before the answer', async () => {
  const { session, jobs, posted } = setUp();
  const asked = session.ask(question);
  const [job] = jobs;
  expect(job?.params).toMatchObject({ model: '/runs/first', prompt: 'Hello', sides: ['base', 'tuned'] });
  expect(job?.params).not.toHaveProperty('system');
  job?.onProgress({ phase: 'loading the model', done: 0, total: 0 });
  for (const index of [0, 1, 2]) job?.onProgress(told(index));
  job?.resolve(result);
  await asked;
  expect(posted.map(({ type }) => type)).toEqual(['phase', 'tokens', 'answered']);
  expect(posted[0]).toEqual({ type: 'phase', text: '(loading the model)' });
  expect(posted.flatMap((message) => (message.type === 'tokens' ? message.tokens : []))).toHaveLength(3);
});

test('a new question gives up the one before, whose late tokens are not shown', async () => {
  const { session, jobs, posted } = setUp();
  const first = session.ask(question);
  const second = session.ask({ ...question, system: 'Be brief.' });
  await first;
  expect(jobs[0]?.signal.aborted).toBe(true);
  jobs[0]?.onProgress(told(0));
  expect(jobs[1]?.params).toMatchObject({ system: 'Be brief.' });
  jobs[1]?.resolve(result);
  await second;
  expect(posted.map(({ type }) => type)).toEqual(['ended', 'answered']);
});

test('stopping, an expected error and a bug each end a question in their own way', async () => {
  const { session, jobs, posted, bugs } = setUp();
  const stopped = session.ask(question);
  session.stop();
  await stopped;
  const refused = session.ask(question);
  const problem = { kind: 'expected', code: 'generation/template', problem: 'no', fix: 'Do.', place: {} } as const;
  jobs[1]?.reject(new EngineExpectedError('no. Do.', problem));
  await refused;
  const broken = session.ask(question);
  jobs[2]?.reject(new Error('broken'));
  await broken;
  expect(posted).toEqual([
    { type: 'ended' },
    { type: 'ended', problem: 'no. Do.' },
    { type: 'ended', problem: 'broken' },
  ]);
  expect(bugs).toHaveLength(1);
});
