/** A window that launches, follows, stops and loses runs: real processes, real sockets, real files. */
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { moveEntry } from '../../extension/queue/queueFolder.ts';
import { requestStop, stopAndWait } from '../../extension/runActions/stopRun.ts';
import { newWorkplace, openWindow, type FakeWindow } from './windowFixture.ts';

vi.setConfig({ testTimeout: 120_000 });

async function reaches(window: FakeWindow, folder: string, status: string): Promise<void> {
  const seen = new Set<string>();
  while (window.status(folder) !== status) {
    seen.add(window.status(folder));
    await delay(20);
    await window.store.refresh(folder);
  }
  // What it never was, in between or at all.
  if (status !== 'interrupted') expect([...seen]).not.toContain('interrupted');
}

test('of two runs one trains and one waits, and goes on when the first is stopped', async () => {
  const window = await openWindow(await newWorkplace());
  const first = await window.launch('first', 10_000);
  await reaches(window, first, 'training');
  const second = await window.launch('second', 2);
  expect(window.status(second)).toBe('queued');
  expect(window.store.get(second)!.queued).toMatchObject({ place: 1, device: 'cpu', resume: false });
  await stopAndWait(window.store, window.queueFolder, window.store.get(first)!);
  expect(window.status(first)).toBe('stopped');
  await reaches(window, second, 'finished');
  expect(window.errors).toEqual([]);
});

test('the order of waiting runs can be changed', async () => {
  const window = await openWindow(await newWorkplace());
  const first = await window.launch('first', 10_000);
  await reaches(window, first, 'training');
  const [second, third] = [await window.launch('second', 1), await window.launch('third', 1)];
  await moveEntry(window.queueFolder, window.store.get(third)!.queued!.entryName, -1);
  await vi.waitUntil(() => window.store.get(third)!.queued!.place === 1, 10_000);
  expect(window.store.get(second)!.queued!.place).toBe(2);
  await stopAndWait(window.store, window.queueFolder, window.store.get(first)!);
  await reaches(window, second, 'finished');
  const times = [third, second].map((folder) => window.store.get(folder)!.summary.startedTime!);
  expect(times[0]).toBeLessThan(times[1]!);
});

test('a run that is stopped while it waits never starts, and says so', async () => {
  const window = await openWindow(await newWorkplace());
  const first = await window.launch('first', 10_000);
  const second = await window.launch('second', 10_000);
  await requestStop(window.store, window.queueFolder, window.store.get(second)!);
  await reaches(window, second, 'stopped');
  expect(window.store.get(second)!.summary).toMatchObject({ step: 0, reason: 'stopped while it waited for its turn' });
  await window.resume(second);
  await vi.waitUntil(() => window.status(second) === 'queued', 10_000);
  await stopAndWait(window.store, window.queueFolder, window.store.get(second)!);
  await stopAndWait(window.store, window.queueFolder, window.store.get(first)!);
  expect([window.status(first), window.status(second)]).toEqual(['stopped', 'stopped']);
});

test('a stop at the moment of the start is not lost', async () => {
  const window = await openWindow(await newWorkplace());
  const run = await window.launch('run', 10_000);
  await stopAndWait(window.store, window.queueFolder, window.store.get(run)!);
  await reaches(window, run, 'stopped');
});

test('another window finds the live run by its folder and sees how it ends', async () => {
  const root = await newWorkplace();
  const [first, second] = [await openWindow(root), await openWindow(root)];
  const run = await first.launch('run', 10_000);
  await reaches(first, run, 'training');
  await second.store.refresh(run);
  expect(second.status(run)).toBe('training');
  expect(second.store.connectionOf(run)?.hello.pid).toBe(first.store.connectionOf(run)?.hello.pid);
  process.kill(second.store.connectionOf(run)!.hello.pid, 'SIGKILL');
  await Promise.all([reaches(first, run, 'failed'), reaches(second, run, 'failed')]);
  expect(second.store.get(run)!.summary).toMatchObject({ code: 'run/processDied' });
  expect(second.store.get(run)!.summary.reason).toContain('killed by SIGKILL');
});

test('a deleted folder leaves the list, and the queue', async () => {
  const window = await openWindow(await newWorkplace());
  const first = await window.launch('first', 10_000);
  await reaches(window, first, 'training');
  const [second, third] = [await window.launch('second', 1), await window.launch('third', 1)];
  await rm(second, { recursive: true });
  await window.store.refresh(second);
  expect(window.status(second)).toBe('gone');
  await stopAndWait(window.store, window.queueFolder, window.store.get(first)!);
  await reaches(window, third, 'finished');
});
