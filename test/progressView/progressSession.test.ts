/** Tests what a progress view is told while the logs of its runs grow, over real files. */
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { formatEventLine } from '../../engine/protocol/runs/eventLine.ts';
import { EVENT_SCHEMA_VERSION } from '../../engine/protocol/runs/events.ts';
import type { ProgressHostMessage, RunCard } from '../../engine/protocol/webview.ts';
import { ProgressSession } from '../../extension/progressView/progressSession.ts';
import { RunStore } from '../../extension/runs/runStore.ts';
import { evaluationEvent, stepEvent } from './runEvents.ts';

let folder: string;
let store: RunStore;
let session: ProgressSession;
let messages: ProgressHostMessage[];

async function makeRun(name: string, steps: number): Promise<string> {
  const run = join(folder, name);
  await mkdir(run);
  const configuration = { base: '/models/base', training: { epochs: steps } };
  await writeFile(join(run, 'run.json'), JSON.stringify({ schemaVersion: 1, name, createdTime: 1, configuration }));
  const header = formatEventLine({ type: 'log', schemaVersion: EVENT_SCHEMA_VERSION, time: 0 });
  const lines = Array.from({ length: steps }, (_, index) => formatEventLine(stepEvent(index + 1, { loss: index })));
  await writeFile(join(run, 'events.jsonl'), header + lines.join(''));
  await store.refresh(run);
  return run;
}

function open(folders: readonly string[]): void {
  session = new ProgressSession(folders, {
    store,
    describe: (run) => ({ runId: run.folder, name: run.identity.name, step: run.summary.step }) as RunCard,
    post: (message) => messages.push(structuredClone(message)),
    onError: (error) => expect.unreachable(String(error)),
  });
}

function last<T extends ProgressHostMessage['type']>(type: T): Extract<ProgressHostMessage, { type: T }> {
  return messages.filter((message) => message.type === type).at(-1) as Extract<ProgressHostMessage, { type: T }>;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'neuroada-progress-'));
  store = new RunStore((_, error) => expect.unreachable(String(error)));
  messages = [];
});

afterEach(async () => {
  session.dispose();
  store.dispose();
  await rm(folder, { recursive: true });
});

test('a started view is told the whole log, and what is appended later', async () => {
  const run = await makeRun('a', 1_000);
  open([run]);
  expect(messages).toEqual([]);
  await session.start({ points: 100, smoothing: 0.5, range: null });
  expect(last('runs').runs.map(({ step }) => step)).toEqual([1_000]);
  expect(last('curves').runs[0]!.extent).toEqual([1, 1_000]);
  expect(last('curves').view.smoothing).toBe(0.5);

  const more = formatEventLine(stepEvent(1_001)) + formatEventLine(evaluationEvent(1_001, 2));
  await appendFile(join(run, 'events.jsonl'), more);
  await store.refresh(run);
  await vi.waitFor(() => expect(last('curves').runs[0]!.extent).toEqual([1, 1_001]), 2_000);
  const evaluation = last('curves').runs[0]!.curves.find(({ metric }) => metric === 'evaluationLoss')!;
  expect([...evaluation.values]).toEqual([2]);
});

test('a run that trains is told of at least twice a second and at most four times', async () => {
  const run = await makeRun('a', 10);
  open([run]);
  await session.start(undefined);
  const before = messages.length;
  const start = performance.now();
  for (let step = 11; performance.now() - start < 2_000; step++) {
    await appendFile(join(run, 'events.jsonl'), formatEventLine(stepEvent(step)));
    await store.refresh(run);
    await delay(20);
  }
  const seconds = (performance.now() - start) / 1000;
  const updates = messages.slice(before).filter(({ type }) => type === 'curves').length;
  expect(updates / seconds).toBeGreaterThanOrEqual(2);
  expect(updates / seconds).toBeLessThanOrEqual(4.5);
});

test('a view that is opened again is told everything again', async () => {
  const run = await makeRun('a', 10);
  open([run]);
  await session.start(undefined);
  session.pause();
  const before = messages.length;
  await session.look({ smoothing: 0.2 });
  expect(messages).toHaveLength(before);
  await session.start(undefined);
  expect(messages.slice(before).map(({ type }) => type)).toEqual(['runs', 'comparison', 'curves']);
});

test('runs added to a view share its range and are compared', async () => {
  const first = await makeRun('a', 10);
  const second = await makeRun('b', 20);
  open([first]);
  await session.start(undefined);
  await session.show([first, second]);
  expect(last('curves').runs.map(({ runId }) => runId)).toEqual([first, second]);
  expect(last('comparison').rows).toEqual([
    { field: 'base', values: ['/models/base', '/models/base'], isDifferent: false },
    { field: 'training.epochs', values: ['10', '20'], isDifferent: true },
  ]);
});

test('a run without a log has a card and no curves', async () => {
  const run = join(folder, 'waiting');
  await mkdir(run);
  await writeFile(
    join(run, 'request.json'),
    JSON.stringify({ schemaVersion: 1, name: 'w', createdTime: 1, configuration: { base: '/m' } }),
  );
  await store.refresh(run);
  open([run]);
  await session.start(undefined);
  expect(last('runs').runs).toHaveLength(1);
  expect(last('curves').runs[0]).toMatchObject({ extent: null, curves: [] });
});
