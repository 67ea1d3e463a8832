/** What a run's folder says, read while the run goes on. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { RunEvent } from '../../engine/protocol/runs/events.ts';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';

/** Folders of the runs that the sample holds, oldest first. */
export async function runFolders(sample: string): Promise<string[]> {
  const runs = join(sample, 'runs');
  const names = await readdir(runs).catch(() => []);
  return names.sort().map((name) => join(runs, name));
}

/** The whole lines of the event log so far. */
export async function readEvents(runFolder: string): Promise<RunEvent[]> {
  const text = await readFile(join(runFolder, RUN_FILES.events), 'utf8').catch(() => '');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as RunEvent);
}

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

export async function eventsOf<T extends RunEvent['type']>(runFolder: string, type: T): Promise<EventOf<T>[]> {
  return (await readEvents(runFolder)).filter((event): event is EventOf<T> => event.type === type);
}

/** Waits until the run has taken the step. */
export async function waitForStep(runFolder: string, step: number): Promise<void> {
  await expect
    .poll(async () => (await eventsOf(runFolder, 'step')).at(-1)?.step ?? 0, { timeout: 90_000, intervals: [50] })
    .toBeGreaterThanOrEqual(step);
}

export async function waitForStatus(runFolder: string, status: EventOf<'status'>['status']): Promise<void> {
  await expect
    .poll(async () => (await eventsOf(runFolder, 'status')).at(-1)?.status, { timeout: 120_000, intervals: [100] })
    .toBe(status);
}
