/** Processes that train and die: their supervisor tells the log how, and the queue goes on with no window open. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { connectRun, eventsOf, exitCode, newQueue, until } from './queueFixture.ts';

vi.setConfig({ testTimeout: 120_000 });

function lastReason(runFolder: string): string {
  const line = readFileSync(join(runFolder, 'events.jsonl'), 'utf8').trimEnd().split('\n').at(-1)!;
  const { status, code, reason } = JSON.parse(line) as Record<string, string>;
  return `${status!} ${code!}: ${reason!}`;
}

test('a killed process ends its run as failed, and the next run of the queue starts', async () => {
  const queue = newQueue();
  const killed = queue.add(1, 10_000);
  const next = queue.add(2, 1);
  const supervisor = queue.start(1, 'supervised');
  const connection = await connectRun(killed);
  expect(connection.hello.pid).not.toBe(supervisor.pid);
  process.kill(connection.hello.pid, 'SIGKILL');
  expect(await exitCode(supervisor)).toBe(1);
  expect(lastReason(killed)).toMatch(
    /^failed run\/processDied: .*killed by SIGKILL: by hand, or because memory ran out/,
  );
  expect(existsSync(join(killed, 'control.json'))).toBe(false);
  await until(() => eventsOf(next).at(-1) === 'status finished');
});

test('a process that exits by itself is told with its exit code, and is not started again', async () => {
  const queue = newQueue();
  const run = queue.add(1, 1, '/crashes');
  expect(await exitCode(queue.start(1, 'supervised'))).toBe(42);
  expect(lastReason(run)).toMatch(/^failed run\/processDied: .*exit code 42/);
  expect(await exitCode(queue.start(1, 'supervised'))).toBe(75);
});

test('a stop signal to the supervisor lets the run save and stop', async () => {
  const queue = newQueue();
  const run = queue.add(1, 10_000);
  const supervisor = queue.start(1, 'supervised');
  await connectRun(run);
  supervisor.kill('SIGTERM');
  expect(await exitCode(supervisor)).toBe(0);
  expect(eventsOf(run).at(-1)).toBe('status stopped');
});

test('a run that ends by itself is left as its log says', async () => {
  const queue = newQueue();
  const run = queue.add(1, 2);
  expect(await exitCode(queue.start(1, 'supervised'))).toBe(0);
  expect(eventsOf(run)).toEqual(['status training', 'evaluation 1', 'evaluation 2', 'status finished']);
});
