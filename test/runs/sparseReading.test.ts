/** A summary that was read in part or sparsely tells the same as the whole log. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatEventLine } from '../../engine/protocol/runs/eventLine.ts';
import type { NewRunEvent, RunEvent } from '../../engine/protocol/runs/events.ts';
import { reduceRun } from '../../engine/protocol/runs/runSummary.ts';
import { LogReader } from '../../extension/runs/logReader.ts';
import { readQuickSummary } from '../../extension/runs/quickSummary.ts';
import { stepEvent } from '../run/stepEvent.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'neuroada-sparse-'));
});

afterAll(() => rm(folder, { recursive: true }));

function runOf(steps: number): RunEvent[] {
  const events: NewRunEvent[] = [{ type: 'status', status: 'training' }];
  for (let step = 1; step <= steps; step++) {
    events.push(stepEvent(step));
    if (step % 100 === 0) events.push({ type: 'checkpoint', step, path: `checkpoints/step-${step}` });
    if (step % 150 === 0) events.push({ type: 'evaluation', step, loss: 2 / step, examples: 8, isBest: true });
  }
  events.push({ type: 'resumed', step: steps - (steps % 100) }, stepEvent(steps), {
    type: 'status',
    status: 'stopped',
  });
  return events.map((event, time) => ({ ...event, time }));
}

async function logOf(events: readonly RunEvent[]): Promise<string> {
  const file = join(folder, `${events.length}.jsonl`);
  const header = formatEventLine({ type: 'log', schemaVersion: 1, time: 0 });
  await writeFile(file, header + events.map(formatEventLine).join(''));
  return file;
}

test.each([7, 450, 5_000])('%i steps: a sparse reading has every loss, checkpoint and evaluation', async (steps) => {
  const events = runOf(steps);
  const { events: read, damage } = await new LogReader(await logOf(events)).read(true);
  expect(damage).toBeUndefined();
  expect(reduceRun(read)).toEqual(reduceRun(events));
  expect(read.length).toBeLessThanOrEqual(events.length);
  if (steps > 100) expect(read.length).toBeLessThan(events.length / 10);
});

test.each([7, 450, 5_000])('%i steps: a quick reading has status, step and loss', async (steps) => {
  const events = runOf(steps);
  const quick = readQuickSummary(await logOf(events))!;
  const { status, step, loss, startedTime, updatedTime } = reduceRun(events);
  expect(quick.summary).toMatchObject({ status, step, loss, startedTime, updatedTime });
  expect(quick.isPartial).toBe(steps > 100);
});

test('a log that ends in a torn line is read up to it', async () => {
  const events = runOf(450);
  const file = await logOf(events);
  await writeFile(file, '{"type":"st', { flag: 'a' });
  expect(reduceRun((await new LogReader(file).read(true)).events)).toEqual(reduceRun(events));
  expect(readQuickSummary(file)!.damage).toBeUndefined();
});
