/** "Install CUDA Support", "Remove CUDA Support" and "Show Devices" as the user meets them, with the engine's own jobs process. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { bundledRuntime } from '../../engine/cudaSupport/runtimePackage.ts';
import { installCuda } from '../../extension/cudaSupport/installCuda.ts';
import { removeCuda } from '../../extension/cudaSupport/removeCuda.ts';
import { EngineExpectedError } from '../../extension/engine/engineError.ts';
import { engineCommand } from '../../extension/engine/engineLocation.ts';
import type { JobsEngine } from '../../extension/engine/jobsEngine.ts';
import { showDevices } from '../../extension/launch/showDevices.ts';
import type { Launch } from '../../extension/launch/startTraining.ts';
import { networkEnvironment } from '../../extension/settings/settings.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { startJobsEngine } from '../connectionsView/jobsServer.ts';
import {
  answers,
  executedCommands,
  progressCancellation,
  progressMessages,
  settings,
  shownDocuments,
  shownMessages,
  workspace,
} from '../vscode/fakeVscode.ts';
import { serveArchive, type ArchiveServer } from './archiveServer.ts';
import { providerArchive, sha512 } from './supportFixture.ts';

const { version } = bundledRuntime();
const ARCHIVE = providerArchive(version);

let folder: string;
let jobs: JobsEngine;
let server: ArchiveServer;
beforeEach(async () => {
  const root = await temporaryFolder();
  folder = join(root, 'cuda');
  jobs = startJobsEngine({ NEUROADA_CUDA_FOLDER: folder });
  server = await serveArchive(ARCHIVE, version);
  settings['cudaArchive'] = server.archiveUrl;
  settings['cudaArchiveSha512'] = sha512(ARCHIVE);
  shownMessages.length = 0;
  shownDocuments.length = 0;
  executedCommands.length = 0;
  onTestFinished(() => rm(root, { recursive: true, force: true }));
});

const status = () => jobs.run('cudaStatus', {}, new AbortController().signal);

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('on Linux x64', () => {
  test('installs after asking, shows how to get what is missing, and removes', async () => {
    answers.buttons = ['Install', 'How to Get Them'];
    await installCuda(jobs);
    expect(shownMessages[0]).toContain('Install CUDA support?\nThe CUDA provider of ONNX Runtime');
    expect(shownMessages[0]).toContain(`from ${server.archiveUrl}`);
    expect(shownMessages[1]).toMatch(
      /^CUDA support is installed \(\d+ MB\)\. This system still lacks libraries of: .*CUDA 12/,
    );
    expect(progressMessages).toContain('unpacking 100 %');
    const [document] = shownDocuments;
    expect(document).toContain('## CUDA 12\n\nMissing: libcublas.so.12\n\n');
    expect(document).toContain(`--target '${folder}/libraries/cuda' 'nvidia-cublas-cu12'\n\`\`\``);
    expect((await status()).state).toBe('installed');

    shownMessages.length = 0;
    server.paths.length = 0;
    answers.buttons = [undefined];
    await installCuda(jobs);
    expect(shownMessages).toHaveLength(1);
    expect(server.paths).toEqual([]);

    shownMessages.length = 0;
    answers.buttons = ['Remove', undefined];
    await removeCuda(jobs);
    expect(shownMessages[0]).toMatch(/^Remove CUDA support\?\n\d+ MB in .*cuda\. Runs that are training go on\.$/);
    expect(shownMessages[1]).toMatch(/^CUDA support is removed; \d+ MB are free\.$/);
    expect((await status()).state).toBe('none');
    await removeCuda(jobs);
    expect(shownMessages.at(-1)).toBe('CUDA support is not installed.');
  });

  test('fetches nothing where the user says no', async () => {
    answers.buttons = [undefined];
    await installCuda(jobs);
    expect(server.paths).toEqual([]);
    expect((await status()).state).toBe('none');
  });

  test('cancelled, says that it goes on, and does', async () => {
    const large = providerArchive(version, [
      { name: 'noise', content: Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))) },
    ]);
    server.behaviour.archive = large;
    server.behaviour.stall = 20_000;
    settings['cudaArchiveSha512'] = sha512(large);
    answers.buttons = ['Install', undefined];
    const installed = installCuda(jobs);
    await expect.poll(async () => (await status()).downloadedBytes, { timeout: 20_000 }).toBeGreaterThan(0);
    progressCancellation.cancel();
    await installed;
    expect(shownMessages[1]).toContain('What was downloaded is kept');
    expect((await status()).state).toBe('none');

    answers.buttons = ['Install', undefined];
    await installCuda(jobs);
    expect(shownMessages[2]).toMatch(/\d+ kB of it are here already\./);
    expect(server.ranges.at(-1)).toMatch(/^bytes=[1-9]/);
    expect((await status()).state).toBe('installed');
  });

  test('a wrong hash is an error that says so', async () => {
    settings['cudaArchiveSha512'] = sha512(Buffer.from('another'));
    answers.buttons = ['Install'];
    await expect(installCuda(jobs)).rejects.toThrow(EngineExpectedError);
    expect((await status()).state).toBe('none');
  });
});

test('an untrusted workspace starts nothing', async () => {
  workspace.isTrusted = false;
  onTestFinished(() => {
    workspace.isTrusted = true;
  });
  await installCuda(jobs);
  await removeCuda(jobs);
  expect(shownMessages).toHaveLength(2);
  expect(shownMessages[0]).toContain('trusted workspace');
  expect(server.paths).toEqual([]);
});

test('the host tells the engine where CUDA support lies, and the way through a proxy', () => {
  settings['proxy'] = 'http://proxy.example:8080';
  onTestFinished(() => {
    delete settings['proxy'];
  });
  const { environment } = engineCommand('/extension', '/storage/cuda', networkEnvironment());
  expect(environment).toMatchObject({
    NEUROADA_CUDA_FOLDER: '/storage/cuda',
    NODE_USE_ENV_PROXY: '1',
    HTTPS_PROXY: 'http://proxy.example:8080',
  });
});

test('Show Devices leads to it where CUDA lacks something', async () => {
  const devices = [
    { device: 'cpu', isUsable: true },
    { device: 'cuda', isUsable: false, reason: 'no provider', fix: 'Install it.', offer: 'installCudaSupport' },
    { device: 'directml', isUsable: false, reason: 'no Windows', fix: 'None.' },
  ] as const;
  const answering = { run: () => Promise.resolve({ devices, recommended: 'cpu' }) };
  const launch = { jobs: answering } as unknown as Launch;
  answers.labels = ['GPU (CUDA)', 'GPU (DirectML)'];
  answers.buttons = ['Install CUDA Support'];
  await showDevices(launch);
  expect(executedCommands).toEqual([['neuroada.installCuda']]);
  answers.buttons = ['Install CUDA Support'];
  await expect(showDevices(launch)).rejects.toThrow('no button');
});
