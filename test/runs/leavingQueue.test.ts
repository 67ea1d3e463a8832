/** Tests when a row stops showing that its run waits: as soon as a process has it, whether or not that answers yet. */
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runConfigurationSchema } from '../../engine/protocol/configuration/configuration.ts';
import { enqueue, dequeue } from '../../extension/queue/queueFolder.ts';
import { newWorkplace, openWindow } from './windowFixture.ts';

async function writeRequest(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const configuration = runConfigurationSchema.parse({ base: '/base', data: { train: '/data.jsonl' } });
  const request = { schemaVersion: 1, name: 'run', createdTime: 1, configuration };
  await writeFile(join(folder, 'request.json'), JSON.stringify(request));
}

/** Listens as a process does that is too busy to say hello. */
async function listenSilently(address: string): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  server.listen(address);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
}

test('a run whose process does not answer yet is not shown as waiting', async () => {
  const root = await newWorkplace();
  const window = await openWindow(root);
  const runFolder = join(root, 'runs', 'run');
  await writeRequest(runFolder);
  const { entryName } = await enqueue(window.queueFolder, { runFolder, device: 'cpu', resume: false });
  await window.store.refresh(runFolder);
  await vi.waitUntil(() => window.status(runFolder) === 'queued', 10_000);
  const address = join(root, 'silent.sock');
  await listenSilently(address);
  await writeFile(join(runFolder, 'control.json'), JSON.stringify({ address, token: 'token', pid: process.pid }));
  await dequeue(window.queueFolder, entryName);
  await vi.waitUntil(() => window.status(runFolder) === 'preparing', 10_000);
});

test('an entry that goes while the window opens is not shown', async () => {
  const root = await newWorkplace();
  const queueFolder = join(root, 'queue');
  const runFolder = join(root, 'runs', 'run');
  await writeRequest(runFolder);
  const { entryName } = await enqueue(queueFolder, { runFolder, device: 'cpu', resume: false });
  const opening = openWindow(root);
  await rm(join(queueFolder, entryName));
  const window = await opening;
  await window.store.refresh(runFolder);
  await vi.waitUntil(() => window.status(runFolder) !== 'queued', 10_000);
  expect(window.errors).toEqual([]);
});
