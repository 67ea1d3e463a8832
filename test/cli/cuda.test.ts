/** `neuroada cuda` from a feed on this machine: installed, described, removed, and what it says on the way. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { bundledRuntime } from '../../engine/cudaSupport/runtimePackage.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { serveArchive, type ArchiveServer } from '../cudaSupport/archiveServer.ts';
import { providerArchive, sha512 } from '../cudaSupport/supportFixture.ts';
import { jsonLines, neuroadaHere } from './commandLine.ts';

const { version } = bundledRuntime();
const ARCHIVE = providerArchive(version);

let folder: string;
let server: ArchiveServer;
beforeEach(async () => {
  const root = await temporaryFolder();
  folder = join(root, 'cuda');
  process.env['NEUROADA_CUDA_FOLDER'] = folder;
  server = await serveArchive(ARCHIVE, version);
  onTestFinished(async () => {
    delete process.env['NEUROADA_CUDA_FOLDER'];
    await rm(root, { recursive: true, force: true });
  });
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('on Linux x64', () => {
  test('install, status and remove tell what there is and what to do', async () => {
    expect(await neuroadaHere(['cuda', 'status'])).toMatchObject({
      exitCode: 0,
      stdout: `CUDA support for ONNX Runtime ${version} is not installed.\n\`neuroada cuda install\` installs it.\n`,
    });
    const installed = await neuroadaHere(['cuda', 'install', '--feed', server.feed]);
    expect(installed).toMatchObject({
      exitCode: 0,
      stderr: 'asking for the archive\ndownloading\nchecking\nunpacking\n',
    });
    expect(installed.stdout).toContain(`CUDA support for ONNX Runtime ${version} is installed in ${folder}`);
    expect(installed.stdout).toContain(
      `Archive: ${server.archiveUrl}, checked against the SHA-512 that the feed publishes.`,
    );
    expect(installed.stdout).toMatch(
      /This system lacks:\n[^]* {2}CUDA 12 \(libcublas\.so\.12\)\n {4}For NeuroAda alone/,
    );
    expect(installed.stdout).toContain(
      `pip install --upgrade --target '${folder}/libraries/cuda' 'nvidia-cublas-cu12'`,
    );
    expect(installed.stdout).toContain('  the system (libnowhere.so.3)\n');
    expect(installed.stdout).not.toContain('cuDNN');
    const status = await neuroadaHere(['cuda', 'status']);
    expect(status.stdout).toBe(installed.stdout);
    expect((await neuroadaHere(['cuda', 'install'])).stdout).toBe(
      `It was there already; every file has the content that it was installed with.\n${installed.stdout}`,
    );
    expect((await neuroadaHere(['cuda', 'remove'])).stdout).toMatch(/^Removed .*; \d+ MB are free\.\n$/);
    expect((await neuroadaHere(['cuda', 'remove'])).stdout).toBe(`Nothing was in ${folder}.\n`);
  });

  test('--json gives the same to programs', async () => {
    const { stdout } = await neuroadaHere(['cuda', 'install', '--feed', server.feed, '--json']);
    const lines = jsonLines(stdout);
    expect(lines[0]).toEqual({ type: 'progress', phase: 'asking for the archive', done: 0, total: 0 });
    expect(lines.at(-1)).toMatchObject({
      ...{ type: 'result', command: 'cuda install', state: 'installed', wasInstalled: false, runtimeVersion: version },
      archive: { from: server.archiveUrl, sha512: sha512(ARCHIVE), hashOrigin: 'feed' },
    });
    const [status] = jsonLines((await neuroadaHere(['cuda', 'status', '--json'])).stdout);
    expect(status).toMatchObject({ type: 'result', command: 'cuda status', state: 'installed' });
  });

  test('what is refused leaves nothing, and says why', async () => {
    server.behaviour.statuses = [404];
    const refused = await neuroadaHere(['cuda', 'install', '--feed', server.feed]);
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('answered 404') as unknown });
    server.behaviour.catalog = { packageHash: Buffer.alloc(64).toString('base64') };
    const wrong = await neuroadaHere(['cuda', 'install', '--feed', server.feed]);
    expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('nothing was installed') as unknown });
    expect((await neuroadaHere(['cuda', 'status'])).stdout).toContain('is not installed');
  });

  test('a file and a hash need no network', async () => {
    const file = join(folder, '..', 'archive.nupkg');
    await writeFile(file, ARCHIVE);
    const { exitCode, stdout } = await neuroadaHere(['cuda', 'install', '--from', file, '--sha512', sha512(ARCHIVE)]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Archive: ${file}, checked against the SHA-512 that was given on installation.`);
    expect(server.paths).toEqual([]);
  });
});

test('source tells what to carry to a machine without network', async () => {
  const { stdout } = await neuroadaHere(['cuda', 'source', '--feed', server.feed]);
  expect(stdout).toContain(`Archive:  ${server.archiveUrl}\n`);
  expect(stdout).toContain(`SHA-512:  ${sha512(ARCHIVE)}\n`);
  expect(server.ranges).toEqual([]);
});

test.each([['cuda'], ['cuda', 'install']])('help of %s %s teaches', async (...args) => {
  const { exitCode, stdout } = await neuroadaHere([...args, '--help']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^ {2}neuroada cuda install --from /m);
});
