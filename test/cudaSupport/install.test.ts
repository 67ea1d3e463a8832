/** CUDA support installed from a server on this machine: whole or not at all, whatever comes in between. */
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { installCudaSupport, removeCudaSupport, type InstallRequest } from '../../engine/cudaSupport/install.ts';
import { findInstallation, isUnchanged, providerPath } from '../../engine/cudaSupport/installation.ts';
import type { RuntimePackage } from '../../engine/cudaSupport/runtimePackage.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { serveArchive, type ArchiveServer } from './archiveServer.ts';
import { fakeRuntime, providerArchive, sha512, PROVIDER } from './supportFixture.ts';

const VERSION = '1.2.3';
const ARCHIVE = providerArchive(VERSION);
const signal = new AbortController().signal;

let root: string;
let folder: string;
let runtime: RuntimePackage;
let server: ArchiveServer;
beforeEach(async () => {
  root = await temporaryFolder();
  folder = join(root, 'cuda');
  runtime = await fakeRuntime(root, VERSION);
  server = await serveArchive(ARCHIVE, VERSION);
  onTestFinished(() => rm(root, { recursive: true, force: true }));
});

async function install(request: Partial<InstallRequest> = {}): Promise<{ readonly wasInstalled: boolean }> {
  const defaults = { folder, runtime, feed: server.feed, onProgress: () => undefined, signal, retryDelayMs: 0 };
  return installCudaSupport({ ...defaults, ...request });
}

async function fails(request: Partial<InstallRequest> = {}): Promise<unknown> {
  return install(request).then(
    () => 'fulfilled',
    (error: unknown) => error,
  );
}

const state = async (version = VERSION): Promise<string> => (await findInstallation(folder, version)).state;

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('on Linux x64', () => {
  test('places the provider beside a copy of the runtime, with a record of where it came from', async () => {
    const phases: string[] = [];
    const { wasInstalled } = await install({
      onProgress: ({ phase }) => {
        if (phase !== phases.at(-1)) phases.push(phase);
      },
    });
    expect(wasInstalled).toBe(false);
    expect(phases).toEqual(['asking for the archive', 'downloading', 'checking', 'unpacking']);
    const installation = await findInstallation(folder, VERSION);
    expect(installation).toMatchObject({
      state: 'installed',
      record: {
        runtimeVersion: VERSION,
        archive: { from: server.archiveUrl, sha512: sha512(ARCHIVE), hashOrigin: 'feed', sizeBytes: ARCHIVE.length },
      },
    });
    expect(await readFile(providerPath(installation))).toEqual(PROVIDER);
    expect((await readdir(join(providerPath(installation), '..'))).sort()).toEqual([
      'libonnxruntime.so.1',
      'libonnxruntime_providers_cuda.so',
      'libonnxruntime_providers_shared.so',
      'onnxruntime_binding.node',
    ]);
    expect(await readdir(folder)).toEqual([`onnxruntime-${VERSION}`]);
    expect(await isUnchanged(installation, signal)).toBe(true);
  });

  test('asks for nothing where it is there already', async () => {
    await install();
    server.paths.length = 0;
    expect(await install()).toEqual({ wasInstalled: true });
    expect(server.paths).toEqual([]);
  });

  test('repairs what was damaged, also where only the content shows it', async () => {
    await install();
    const provider = providerPath(await findInstallation(folder, VERSION));
    await truncate(provider, 10);
    expect(await findInstallation(folder, VERSION)).toMatchObject({
      state: 'damaged',
      reason: expect.stringContaining('libonnxruntime_providers_cuda.so has 10 bytes instead of') as unknown,
    });
    await install();
    expect(await state()).toBe('installed');
    const changed = Buffer.from(PROVIDER);
    changed[changed.length - 2] = 0x2a;
    await writeFile(provider, changed);
    expect(await state()).toBe('installed');
    expect(await install()).toEqual({ wasInstalled: false });
    expect(await readFile(provider)).toEqual(PROVIDER);
  });

  test('goes on after a cut, a cancellation and a kill of the download', async () => {
    server.behaviour.cuts = [100, 0, 0, 0, 0];
    const received: InstallRequest['onProgress'] = ({ phase, done }) => {
      if (phase === 'downloading') server.received(done);
    };
    expect(await fails({ onProgress: received })).toMatchObject({ code: 'cuda/interrupted' });
    expect(await state()).toBe('none');
    const controller = new AbortController();
    server.behaviour.cuts = [];
    server.behaviour.stall = 200;
    const onProgress: InstallRequest['onProgress'] = ({ phase }) => {
      if (phase === 'downloading') controller.abort();
    };
    expect(await fails({ signal: controller.signal, onProgress })).toMatchObject({ name: 'CancelledError' });
    expect(await state()).toBe('none');
    await install();
    expect(server.ranges.at(-1)).toMatch(/^bytes=[1-9]/);
    expect(await state()).toBe('installed');
  });

  test('cancelled while it checks or unpacks, leaves no installation', async () => {
    for (const cancelledPhase of ['asking for the archive', 'checking', 'unpacking']) {
      const controller = new AbortController();
      const onProgress: InstallRequest['onProgress'] = ({ phase }) => {
        if (phase === cancelledPhase) controller.abort();
      };
      expect(await fails({ signal: controller.signal, onProgress })).toMatchObject({ name: 'CancelledError' });
      expect(await state()).toBe('none');
      expect((await readdir(folder)).filter((name) => name !== 'download')).toEqual([]);
    }
  });

  test.each([
    ['hash', { packageHash: Buffer.alloc(64, 7).toString('base64') }, 'cuda/wrongHash'],
    ['size', { packageSize: 10 }, 'cuda/wrongSize'],
  ])('a wrong %s leaves nothing', async (_, catalog, code) => {
    server.behaviour.catalog = catalog;
    expect(await fails()).toMatchObject({ code });
    expect(await state()).toBe('none');
    expect(await readdir(join(folder, 'download'))).toEqual([]);
  });

  test.each([
    ['of another package', { id: 'Other' }, 'it describes Other 1.2.3'],
    ['of another version', { version: '1.2.4' }, 'it describes'],
    ['with a weak hash', { packageHashAlgorithm: 'MD5' }, 'packageHashAlgorithm'],
    ['with half a hash', { packageHash: Buffer.alloc(32).toString('base64') }, 'has 32 bytes'],
    ['without a hash', { packageHash: undefined }, 'packageHash'],
  ])('a description %s is refused', async (_, catalog, problem) => {
    server.behaviour.catalog = catalog;
    expect(await fails()).toMatchObject({
      code: 'cuda/badDescription',
      problem: expect.stringContaining(problem) as unknown,
    });
    expect(server.ranges).toEqual([]);
  });

  test('a hash that does not come over TLS is refused, from other machines than this one', async () => {
    for (const feed of ['http://feed.example/index.json', 'ftp://127.0.0.1/index.json', 'nowhere']) {
      expect(await fails({ feed })).toMatchObject({ code: 'cuda/insecure' });
    }
  });

  test.each([
    ['a path upwards', [{ name: '../../evil.so', content: 'x' }], 'invalid relative path'],
    ['an absolute path', [{ name: '/etc/evil.so', content: 'x' }], 'absolute path'],
    ['a path of Windows', [{ name: '..\\evil.so', content: 'x' }], 'invalid'],
    [
      'a file twice',
      [
        { name: 'LICENSE', content: 'x' },
        { name: 'LICENSE', content: 'y' },
      ],
      'LICENSE twice',
    ],
  ])('an archive with %s is refused as a whole', async (_, entries, problem) => {
    server.behaviour.archive = providerArchive(VERSION, entries);
    expect(await fails()).toMatchObject({
      code: 'cuda/badArchive',
      problem: expect.stringContaining(problem) as unknown,
    });
    expect((await readdir(root)).sort()).toEqual(['cuda', 'onnxruntime-common', 'onnxruntime-node']);
    expect(await readdir(folder)).toEqual(['download']);
  });

  test('an archive that is none, lacks a file, or has a link or a lie in its place is refused', async () => {
    const provider = 'runtimes/linux-x64/native/libonnxruntime_providers_cuda.so';
    const whole = providerArchive(VERSION);
    const lacking = Buffer.from(
      whole.toString('latin1').replaceAll(provider, provider.replace('cuda', 'none')),
      'latin1',
    );
    const { zipArchive } = await import('./zipArchive.ts');
    const nuspec = { name: 'Microsoft.ML.OnnxRuntime.Gpu.Linux.nuspec', content: nuspecText() };
    const link = zipArchive([nuspec, { name: provider, content: '/etc/passwd', mode: 0o120777 }]);
    const lie = zipArchive([nuspec, { name: provider, content: 'x'.repeat(1000), claimedBytes: 10 }]);
    const bomb = zipArchive([nuspec, { name: provider, content: 'x', claimedBytes: 0xf0000000 }]);
    for (const archive of [Buffer.from('no archive at all'), whole.subarray(0, 400), lacking, link, lie, bomb]) {
      server.behaviour.archive = archive;
      expect(await fails()).toMatchObject({ code: 'cuda/badArchive' });
      expect(await state()).toBe('none');
    }
  });

  test('an archive of another version is refused, even where its hash was given', async () => {
    const other = providerArchive('9.9.9');
    const file = join(root, 'other.nupkg');
    await writeFile(file, other);
    expect(await fails({ from: file, sha512: sha512(other) })).toMatchObject({
      code: 'cuda/otherPackage',
      problem: expect.stringContaining('Gpu.Linux 9.9.9') as unknown,
    });
  });

  test('takes a file without any server where its hash is given, in either writing', async () => {
    const file = join(root, 'archive.nupkg');
    await writeFile(file, ARCHIVE);
    const base64 = Buffer.from(sha512(ARCHIVE), 'hex').toString('base64');
    for (const hash of [sha512(ARCHIVE).toUpperCase(), base64]) {
      await install({ from: file, sha512: hash, feed: 'http://127.0.0.1:1/' });
      expect((await findInstallation(folder, VERSION)).record?.archive).toEqual({
        ...{ from: file, sha512: sha512(ARCHIVE), hashOrigin: 'user' },
      });
      await removeCudaSupport(folder);
    }
    expect((await stat(file)).size).toBe(ARCHIVE.length);
    expect(server.paths).toEqual([]);
    expect(await fails({ from: file, sha512: 'abc' })).toMatchObject({ code: 'cuda/badHash' });
    expect(await fails({ from: file, sha512: sha512(PROVIDER) })).toMatchObject({ code: 'cuda/wrongHash' });
    expect(await fails({ from: join(root, 'absent'), sha512: sha512(ARCHIVE) })).toMatchObject({
      code: 'files/ENOENT',
    });
    expect((await stat(file)).size).toBe(ARCHIVE.length);
  });

  test('checks a mirror against the hash of the feed', async () => {
    await install({ from: `${server.origin}/mirror.nupkg` });
    expect(server.paths).not.toContain('/content.nupkg');
    expect((await findInstallation(folder, VERSION)).record?.archive).toMatchObject({ hashOrigin: 'feed' });
  });

  test('a newer runtime ignores the older support, and replaces it', async () => {
    await install();
    expect(await findInstallation(folder, '1.3.0')).toMatchObject({
      state: 'otherVersion',
      reason: 'CUDA support is installed for version 1.2.3 of ONNX Runtime, and this is 1.3.0',
    });
    const newer = await serveArchive(providerArchive('1.3.0'), '1.3.0');
    await install({ feed: newer.feed, runtime: { ...runtime, version: '1.3.0' } });
    expect(await readdir(folder)).toEqual(['onnxruntime-1.3.0']);
  });

  test('two at once: the second is told to wait', async () => {
    let other: unknown;
    await install({
      onProgress: ({ phase }) => {
        if (phase === 'unpacking') other ??= fails();
      },
    });
    expect(await other).toMatchObject({ code: 'cuda/busy' });
    expect(await state()).toBe('installed');
  });

  test('removes all of it, and nothing of a folder that was meant for something else', async () => {
    await install();
    await mkdir(join(folder, 'libraries', 'nvidia'), { recursive: true });
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await expect(removeCudaSupport(folder)).rejects.toMatchObject({ code: 'cuda/foreignFile' });
    expect(await state()).toBe('installed');
    await rm(join(folder, 'notes.txt'));
    await removeCudaSupport(folder);
    expect(await readdir(root)).not.toContain('cuda');
    await removeCudaSupport(folder);
  });

  test('what a killed process left unfinished is swept', async () => {
    const leftover = join(folder, `onnxruntime-${VERSION}.tmp-1-0123456789ab`);
    await mkdir(leftover, { recursive: true });
    expect(await state()).toBe('none');
    await install();
    expect(await readdir(folder)).toEqual([`onnxruntime-${VERSION}`]);
  });
});

test('other platforms say what they have instead', async () => {
  const reasons = [
    ['win32', 'x64', 'DirectML'],
    ['darwin', 'arm64', 'WebGPU'],
    ['linux', 'arm64', 'CPU'],
  ] as const;
  for (const [platform, architecture, instead] of reasons) {
    expect(await findInstallation(folder, VERSION, platform, architecture)).toMatchObject({
      state: 'unsupported',
      reason: expect.stringContaining(instead) as unknown,
    });
  }
});

function nuspecText(): string {
  return `<metadata><id>Microsoft.ML.OnnxRuntime.Gpu.Linux</id><version>${VERSION}</version></metadata>`;
}
