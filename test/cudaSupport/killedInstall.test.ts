/** An installation that is killed at any moment is there as a whole or not at all, and can be done again. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findInstallation, isUnchanged } from '../../engine/cudaSupport/installation.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { KILLS, live, randomNumbers, type KillMoment } from '../killing.ts';
import { serveArchive } from './archiveServer.ts';
import { fakeRuntime, providerArchive } from './supportFixture.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'installing.ts');
const VERSION = '1.2.3';
const isOffered = process.platform === 'linux' && process.arch === 'x64';

test.runIf(isOffered)('installing', { timeout: 30_000 + KILLS * 5000 }, async () => {
  const root = await temporaryFolder();
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const runtime = await fakeRuntime(root, VERSION);
  const noise = Buffer.concat(randomNumbers(2 ** 20, 2 ** 31).map((number) => Buffer.from([number, number >> 8])));
  const server = await serveArchive(providerArchive(VERSION, [{ name: 'noise', content: noise }]), VERSION);
  const folder = join(root, 'cuda');
  const install = (moment?: KillMoment) =>
    live([PROGRAM, folder, server.feed, runtime.folder, runtime.commonFolder, VERSION], moment);
  const signal = new AbortController().signal;

  const { durationMs } = await install();
  const seen = { none: 0, installed: 0 };
  for (const delayMs of randomNumbers(KILLS, durationMs * 1.1)) {
    await rm(folder, { recursive: true });
    await install({ lines: 1, delayMs });
    const installation = await findInstallation(folder, VERSION);
    const { state } = installation;
    if (state !== 'none' && state !== 'installed') throw new Error(`it is ${state}`);
    seen[state] += 1;
    if (state === 'installed') expect(await isUnchanged(installation, signal)).toBe(true);
    expect(await install()).toMatchObject({ exitCode: 0 });
    expect((await findInstallation(folder, VERSION)).state).toBe('installed');
    expect((await readdir(folder)).filter((name) => name !== 'download')).toEqual([`onnxruntime-${VERSION}`]);
  }
  console.log(`${String(KILLS)} kills of an installation of ${durationMs.toFixed(0)} ms: ${JSON.stringify(seen)}`);
});
