/** Processes of runs, real ones over real sockets: commands, tokens, the queue, deaths. */
import type { ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { deviceClaimName, type RunControl } from '../../engine/protocol/runs/queue.ts';
import { connectEngine } from '../../extension/engine/engineConnection.ts';
import { connectRun, eventsOf, exitCode, newQueue, until } from './queueFixture.ts';

vi.setConfig({ testTimeout: 120_000 });

describe('the process of a run', () => {
  test('trains to the end and leaves neither address nor claim', async () => {
    const queue = newQueue();
    const run = queue.add(1, 2);
    expect(await exitCode(queue.start(1))).toBe(0);
    expect(eventsOf(run)).toEqual(['status training', 'evaluation 1', 'evaluation 2', 'status finished']);
    expect(() => statSync(join(run, 'control.json'))).toThrow();
    expect(() => statSync(join(queue.folder, deviceClaimName('cpu')))).toThrow();
  });

  test('tells clients of events and progress, and stops when asked', async () => {
    const queue = newQueue();
    const run = queue.add(1, 10_000);
    const child = queue.start(1);
    const connection = await connectRun(run);
    expect(connection.hello).toMatchObject({ role: 'run', pid: child.pid });
    const appended = new Promise((resolve) => connection.onNotification('appended', resolve));
    const progress = new Promise((resolve) => connection.onNotification('progress', resolve));
    expect(await appended).toEqual({ type: 'evaluation' });
    expect(await progress).toMatchObject({ phase: 'training', total: 10_000 });
    await connection.request('stop', {});
    expect(await exitCode(child)).toBe(0);
    await connection.closed;
    expect(eventsOf(run).at(-1)).toBe('status stopped');
  });

  test.skipIf(process.platform === 'win32')('keeps its address and token from other users', async () => {
    const queue = newQueue();
    const run = queue.add(1, 10_000);
    queue.start(1);
    const connection = await connectRun(run);
    const file = join(run, 'control.json');
    const { address, token } = JSON.parse(readFileSync(file, 'utf8')) as RunControl;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(address)).mode & 0o777).toBe(0o700);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    connection.dispose();
  });

  test('refuses a wrong token, another version, and requests without a hello', async () => {
    const queue = newQueue();
    const run = queue.add(1, 10_000);
    queue.start(1);
    const connection = await connectRun(run);
    const { address } = JSON.parse(readFileSync(join(run, 'control.json'), 'utf8')) as RunControl;
    await expect(connectEngine(address, 'wrong')).rejects.toThrow('the token is wrong');
    expect(await rawExchange(address, 'stop', {})).toContain('Unhandled method stop');
    expect(await rawExchange(address, 'hello', { protocolVersion: 99, token: 'x' })).toContain('the token is wrong');
    await expect(connection.request('stop', {})).resolves.toEqual({});
  });

  test('ends a failed start with a log that says why', async () => {
    const queue = newQueue();
    const run = queue.add(1, 1, '/missing');
    expect(await exitCode(queue.start(1))).toBe(0);
    expect(eventsOf(run)).toEqual(['status failed']);
    expect(readFileSync(join(run, 'events.jsonl'), 'utf8')).toContain('no checkpoint at /missing');
  });
});

describe('the queue', () => {
  test('lets one run train per device; the next starts when it ends', async () => {
    const queue = newQueue();
    const runs = [queue.add(1, 10_000), queue.add(3, 1), queue.add(2, 1)];
    const first = queue.start(1);
    const connection = await connectRun(runs[0]!);
    expect(await exitCode(queue.start(2))).toBe(75);
    expect(eventsOf(runs[2]!)).toEqual([]);
    await connection.request('stop', {});
    expect(await exitCode(first)).toBe(0);
    await until(() => eventsOf(runs[1]!).at(-1) === 'status finished');
    expect(lineTime(runs[2]!)).toBeLessThan(lineTime(runs[1]!));
  });

  test('takes over the claim of a killed process, by one of many rivals', async () => {
    const queue = newQueue();
    const killed = queue.add(1, 10_000);
    const first = queue.start(1);
    await connectRun(killed);
    first.kill('SIGKILL');
    await exitCode(first);
    for (let order = 2; order < 6; order++) queue.add(order, 10_000);
    const rivals = [2, 3, 4, 5].map((order) => queue.start(order));
    const isRefused = (child: ChildProcess): boolean => child.exitCode === 75;
    await until(() => rivals.filter(isRefused).length === 3);
    const winner = rivals.find((rival) => !isRefused(rival))!;
    winner.kill('SIGTERM');
    expect(await exitCode(winner)).toBe(0);
  });

  test('passes over a damaged entry of another kind', async () => {
    const queue = newQueue();
    const run = queue.add(1, 1);
    writeFileSync(join(queue.folder, 'notes.txt'), 'not an entry');
    expect(await exitCode(queue.start(1))).toBe(0);
    expect(eventsOf(run).at(-1)).toBe('status finished');
  });
});

function lineTime(run: string): number {
  const [, first] = readFileSync(join(run, 'events.jsonl'), 'utf8').split('\n');
  return (JSON.parse(first!) as { time: number }).time;
}

/** Sends one JSON-RPC request by hand and returns what comes back. */
function rawExchange(address: string, method: string, params: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const socket = connect(address, () => socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`));
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
      if (!answer.endsWith('}')) return;
      resolve(answer);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
