/** The jobs process of a window is replaced where what it has loaded is out of date, and not while it is at work. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CancelledError } from '../../extension/engine/engineError.ts';
import { JobsEngine } from '../../extension/engine/jobsEngine.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { serveArchive } from '../cudaSupport/archiveServer.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'countedServer.ts');
const isCudaOffered = process.platform === 'linux' && process.arch === 'x64';

test.runIf(isCudaOffered)('a new process serves the jobs that come after the ones under way', async () => {
  const folder = await temporaryFolder();
  const startsFile = join(folder, 'starts');
  const environment = { NEUROADA_STARTS: startsFile, NEUROADA_CUDA_FOLDER: join(folder, 'cuda') };
  const jobs = new JobsEngine({ program: process.execPath, arguments: [PROGRAM], environment });
  onTestFinished(async () => {
    jobs.dispose();
    await rm(folder, { recursive: true, force: true });
  });
  const starts = async (): Promise<number> => (await readFile(startsFile, 'utf8')).length;
  const ask = () => jobs.run('cudaStatus', {}, new AbortController().signal);

  jobs.restartWhenIdle();
  await ask();
  await ask();
  expect(await starts()).toBe(1);
  jobs.restartWhenIdle();
  await ask();
  expect(await starts()).toBe(2);

  const server = await serveArchive(Buffer.alloc(1000), '1.0.0');
  server.behaviour.stall = 500;
  const long = new AbortController();
  const params = { from: server.archiveUrl, sha512: '0'.repeat(128) };
  let phase = '';
  const work = jobs.run('installCuda', params, long.signal, (progress) => {
    phase = progress.phase;
  });
  await expect.poll(() => phase, { timeout: 20_000 }).toBe('downloading');
  jobs.restartWhenIdle();
  await ask();
  expect(await starts()).toBe(2);
  long.abort();
  await expect(work).rejects.toThrow(CancelledError);
  await ask();
  expect(await starts()).toBe(3);
});
