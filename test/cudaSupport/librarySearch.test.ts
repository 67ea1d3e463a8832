/** Which libraries the loader would find: its places in their order, what those need in turn, and how to get the rest. */
import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { missingLibraries, ownLibraries } from '../../engine/cudaSupport/libraries/cudaLibraries.ts';
import { libraryAdvice } from '../../engine/cudaSupport/libraries/libraryAdvice.ts';
import { LOADER_CACHE_FILE, readLoaderCache } from '../../engine/cudaSupport/libraries/loaderCache.ts';
import { searchLibraries, type SearchPlaces } from '../../engine/cudaSupport/libraries/librarySearch.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { elfFile, type ElfParts } from './elfFile.ts';
import { loaderCacheFile } from './loaderCacheFile.ts';

let folder = '';
beforeEach(async () => {
  if (folder !== '') await rm(folder, { recursive: true, force: true });
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function library(path: string, parts: ElfParts = {}): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, elfFile(parts));
  return file;
}

function places(given: Partial<SearchPlaces> = {}): SearchPlaces {
  return { firstFolders: [], libraryPath: undefined, cache: new Map(), systemFolders: [], ...given };
}

describe('the search', () => {
  test('takes each place in its turn', async () => {
    const provider = await library('p/provider.so', { needed: ['liba.so.1'], runPath: '$ORIGIN/../run' });
    const own = await library('own/liba.so.1');
    const ofVariable = await library('variable/liba.so.1');
    const ofRunPath = await library('run/liba.so.1');
    const cached = await library('cached/liba.so.1');
    const ofSystem = await library('system/liba.so.1');
    const everywhere = places({
      firstFolders: [dirname(own)],
      libraryPath: `/nowhere:${dirname(ofVariable)}`,
      cache: new Map([['liba.so.1', [cached]]]),
      systemFolders: [dirname(ofSystem)],
    });
    for (const expected of [own, ofVariable, ofRunPath, cached, ofSystem]) {
      const { found } = await searchLibraries([provider], [], everywhere);
      expect(found).toEqual([{ name: 'liba.so.1', path: expected }]);
      await rm(expected);
    }
    expect(await searchLibraries([provider], [], everywhere)).toEqual({
      found: [],
      unfound: [{ name: 'liba.so.1', neededBy: 'provider.so' }],
    });
  });

  test('follows what libraries need, each before who needs it, and round in circles only once', async () => {
    const provider = await library('provider.so', { needed: ['liba.so'], runPath: '${ORIGIN}/lib' });
    await library('lib/liba.so', { needed: ['libb.so', 'libmissing.so.3'], runPath: '$ORIGIN' });
    await library('lib/libb.so', { needed: ['libc.so', 'liba.so'], runPath: '$ORIGIN' });
    await library('lib/libc.so');
    const { found, unfound } = await searchLibraries([provider], [], places());
    expect(found.map(({ name }) => name)).toEqual(['libc.so', 'libb.so', 'liba.so']);
    expect(unfound).toEqual([{ name: 'libmissing.so.3', neededBy: 'liba.so' }]);
  });

  test('passes over text, broken links and libraries for another processor', async () => {
    const provider = await library('provider.so', { needed: ['liba.so.1'] });
    const other = elfFile();
    other.writeUInt16LE(183, 18);
    const bad = { text: 'GROUP ( liba.so.1 )', other } as const;
    for (const [name, content] of Object.entries(bad)) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'liba.so.1'), content);
    }
    await mkdir(join(folder, 'link'));
    await symlink('/nowhere', join(folder, 'link', 'liba.so.1'));
    const good = await library('good/liba.so.1');
    const libraryPath = ['text', 'other', 'link', 'good'].map((name) => join(folder, name)).join(':');
    const { found } = await searchLibraries([provider], [], places({ libraryPath }));
    expect(found).toEqual([{ name: 'liba.so.1', path: good }]);
  });
});

describe("the loader's list", () => {
  const entries = [
    { name: 'liba.so.1', path: '/first/liba.so.1', flags: 0x0303 },
    { name: 'liba.so.1', path: '/arm/liba.so.1', flags: 0x0a03 },
    { name: 'liba.so.1', path: '/second/liba.so.1', flags: 0x0303 },
  ];

  test.each([
    ['new', false],
    ['old list in front', true],
  ])('is read (%s)', async (_, hasOldList) => {
    const file = join(folder, 'ld.so.cache');
    await writeFile(file, loaderCacheFile(entries, hasOldList));
    expect([...(await readLoaderCache(file))]).toEqual([['liba.so.1', ['/first/liba.so.1', '/second/liba.so.1']]]);
  });

  test('counts as empty where it is missing, cut, or leads out of the file', async () => {
    const file = join(folder, 'ld.so.cache');
    const whole = loaderCacheFile(entries, false);
    expect((await readLoaderCache(file)).size).toBe(0);
    for (let length = 0; length < whole.length; length += 7) {
      await writeFile(file, whole.subarray(0, length));
      const paths = [...(await readLoaderCache(file)).values()].flat();
      expect(paths.every((path) => path.endsWith('/liba.so.1'))).toBe(true);
    }
    const wild = Buffer.from(whole);
    wild.writeUInt32LE(0xfffffff0, 48 + 8);
    await writeFile(file, wild);
    expect([...(await readLoaderCache(file)).values()]).toEqual([['/second/liba.so.1']]);
  });

  test.runIf(existsSync(LOADER_CACHE_FILE))('of this system leads to its C library', async () => {
    const [path] = (await readLoaderCache()).get('libc.so.6') ?? [];
    expect(path !== undefined && existsSync(path)).toBe(true);
  });
});

describe('what CUDA needs', () => {
  test('the driver always, cuDNN only where the provider says so', async () => {
    const provider = await library('provider.so', {
      needed: ['libcublas.so.12', 'libcurand.so.10'],
      runPath: '$ORIGIN',
    });
    await library('libcurand.so.10');
    const { missing, advice } = await missingLibraries(provider, '/own', places());
    expect(missing).toEqual([
      { name: 'libcublas.so.12', neededBy: 'provider.so', isNeeded: true },
      { name: 'libcuda.so.1', neededBy: 'provider.so', isNeeded: true },
      { name: 'libcudnn.so.9', neededBy: 'provider.so', isNeeded: false },
    ]);
    expect(advice.map(({ product, libraries }) => [product, libraries])).toEqual([
      ["NVIDIA's driver", ['libcuda.so.1']],
      ['CUDA 12', ['libcublas.so.12']],
      ['cuDNN 9', ['libcudnn.so.9']],
    ]);
    const other = await library('other.so', { needed: ['libcudnn.so.9'] });
    const cudnn = (await missingLibraries(other, '/own', places())).missing.find(
      ({ name }) => name === 'libcudnn.so.9',
    );
    expect(cudnn?.isNeeded).toBe(true);
  });

  test('comes from wheels in the own folder, each behind what it needs', async () => {
    const provider = await library('provider.so', { needed: ['libcublas.so.13'] });
    const own = join(folder, 'libraries');
    const lib = (name: string, parts?: ElfParts) => library(`libraries/cuda/nvidia/cu13/lib/${name}`, parts);
    const cublas = await lib('libcublas.so.13', { needed: ['libcublasLt.so.13'], runPath: '$ORIGIN' });
    const cublasLt = await lib('libcublasLt.so.13');
    await lib('libunused.so.1');
    const cudnn = await library('libraries/cudnn/nvidia/cudnn/lib/libcudnn.so.9');
    expect(await ownLibraries(provider, own)).toEqual([cublasLt, cublas, cudnn]);
    expect(await ownLibraries(provider, join(folder, 'absent'))).toEqual([]);
    expect((await missingLibraries(provider, own)).missing.map(({ name }) => name)).not.toContain('libcublas.so.13');
  });

  test('advice names the packages of the right version, all that are needed in one', () => {
    const commands = (missing: string[], needed: string[]): unknown =>
      libraryAdvice(missing, needed, '/own').flatMap(({ ways }) => ways.flatMap(({ command }) => command ?? []));
    const twelve = ['libcublasLt.so.12', 'libcublas.so.12', 'libcudart.so.12', 'libcufft.so.11', 'libcudnn.so.9'];
    expect(commands(['libcublas.so.12', 'libcudnn.so.9'], twelve)).toEqual([
      "python3 -m pip install --upgrade --target '/own/cuda' 'nvidia-cublas-cu12' 'nvidia-cuda-runtime-cu12' 'nvidia-cufft-cu12'",
      'sudo apt install cuda-libraries-12-9',
      "python3 -m pip install --upgrade --target '/own/cudnn' 'nvidia-cudnn-cu12==9.*'",
      'sudo apt install cudnn9-cuda-12',
    ]);
    const thirteen = ['libcublas.so.13', 'libcurand.so.10'];
    expect(commands(['libcurand.so.10'], thirteen)).toEqual([
      "python3 -m pip install --upgrade --target '/own/cuda' 'nvidia-cublas==13.*' 'nvidia-curand==10.*'",
      'sudo apt install cuda-libraries-13-0',
    ]);
    expect(libraryAdvice(['libcuda.so.1'], thirteen, '/own')[0]?.ways[0]?.text).toContain('580 or newer for CUDA 13');
    expect(libraryAdvice(['libstdc++.so.6'], thirteen, '/own')[0]?.product).toBe('the system');
    expect(libraryAdvice([], thirteen, '/own')).toEqual([]);
  });
});
