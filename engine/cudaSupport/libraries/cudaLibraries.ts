/** What the CUDA provider asks the system for: what is missing of it, and what to load ahead from a folder of its own. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { CudaLibraries } from '../../protocol/cuda.ts';
import { readElfLibrary } from './elf.ts';
import { libraryAdvice } from './libraryAdvice.ts';
import { readLoaderCache } from './loaderCache.ts';
import { searchLibraries, type SearchPlaces } from './librarySearch.ts';

/** Asked for by name at run time: the driver always; cuDNN by the provider's convolutions, which no graph here has. */
const DRIVER = 'libcuda.so.1';
const CUDNN = 'libcudnn.so.9';

/**
 * @param provider path of the provider
 * @param ownFolder libraries that are found there come before the system's
 */
export async function missingLibraries(
  provider: string,
  ownFolder: string,
  places?: SearchPlaces,
): Promise<CudaLibraries> {
  const { needed } = await readElfLibrary(provider);
  const asked = [DRIVER, CUDNN].map((name) => ({ name, neededBy: basename(provider) }));
  const { unfound } = await searchLibraries([provider], asked, places ?? (await systemPlaces(ownFolder)));
  const isNeeded = (name: string): boolean => name !== CUDNN || needed.includes(CUDNN);
  const missing = unfound.map((library) => ({ ...library, isNeeded: isNeeded(library.name) }));
  const names = missing.map(({ name }) => name);
  return { missing, advice: libraryAdvice(names, needed, ownFolder) };
}

/**
 * Paths in `ownFolder` that the provider needs, each behind what it needs itself: loaded in this order, they serve the
 * provider although the loader does not look there.
 */
export async function ownLibraries(provider: string, ownFolder: string): Promise<readonly string[]> {
  const places = await systemPlaces(ownFolder);
  if (places.firstFolders.length === 0) return [];
  const asked = [{ name: CUDNN, neededBy: basename(provider) }];
  const { found } = await searchLibraries([provider], asked, places);
  return found.map(({ path }) => path).filter((path) => places.firstFolders.includes(dirname(path)));
}

async function systemPlaces(ownFolder: string): Promise<SearchPlaces> {
  return {
    firstFolders: await libraryFolders(ownFolder),
    libraryPath: process.env['LD_LIBRARY_PATH'],
    cache: await readLoaderCache(),
  };
}

/**
 * The folder and those in it, and below each of them the ones in which NVIDIA's wheels keep libraries (nvidia/cublas/lib,
 * nvidia/cu13/lib).
 */
async function libraryFolders(ownFolder: string): Promise<string[]> {
  const targets = await subfolders(ownFolder);
  if (targets === undefined) return [];
  const folders: string[] = [];
  for (const folder of [ownFolder, ...targets]) {
    const wheels = (await subfolders(join(folder, 'nvidia'))) ?? [];
    folders.push(folder, ...wheels.map((wheel) => join(wheel, 'lib')));
  }
  return folders;
}

/** In their order; undefined where there is no such folder. */
async function subfolders(folder: string): Promise<string[] | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  return entries
    ?.filter((entry) => !entry.isFile())
    .map((entry) => join(folder, entry.name))
    .sort();
}
