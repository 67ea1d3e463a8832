/** Tests that a connection to the engine keeps nothing of what was answered: it lives as long as the window looks at files. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { serveRpc } from '../../engine/server/rpcServer.ts';
import { connectEngine } from '../../extension/engine/engineConnection.ts';
import { EngineDiedError } from '../../extension/engine/engineError.ts';

const ANSWERS = 20;

async function serve(answer: () => Promise<unknown>): Promise<{ readonly address: string; readonly token: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-answers-'));
  const address = join(folder, 'socket');
  const token = randomBytes(8).toString('hex');
  const hello = () => ({ role: 'jobs', pid: process.pid }) as const;
  const server = await serveRpc(address, token, hello, (client) => {
    client.onRequest('inspection/describe', () => answer() as never);
  });
  onTestFinished(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });
  return { address, token };
}

const question = { source: { kind: 'adapter', folder: '/adapter' }, progressToken: 1 } as const;

test('answers can be forgotten while the connection goes on', async () => {
  const { address, token } = await serve(() => Promise.resolve({ values: new Float32Array(1 << 18) }));
  const connection = await connectEngine(address, token);
  const answers: WeakRef<object>[] = [];
  for (let number = 0; number < ANSWERS; number += 1)
    answers.push(new WeakRef(await connection.request('inspection/describe', question)));
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  // What is still referred to by the turn of the event loop that made it goes with the next one.
  await new Promise((resolve) => setTimeout(resolve, 50));
  collectGarbage();
  expect(answers.filter((answer) => answer.deref() !== undefined).length).toBeLessThanOrEqual(1);
  connection.dispose();
});

test('what is not answered when the connection ends fails', async () => {
  const { address, token } = await serve(() => new Promise(() => undefined));
  const connection = await connectEngine(address, token);
  const waiting = connection.request('inspection/describe', question);
  connection.dispose();
  await expect(waiting).rejects.toThrow(EngineDiedError);
});
