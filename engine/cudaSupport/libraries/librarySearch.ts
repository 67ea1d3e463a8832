/**
 * Which shared libraries a program of this user would find, and which not: the loader's own search (ld.so(8)) without
 * loading anything.
 */
import { dirname, join } from 'node:path';
import { ExpectedError } from '../../errors/expected.ts';
import { readElfLibrary, type ElfLibrary } from './elf.ts';
import type { LoaderCache } from './loaderCache.ts';

export interface SearchPlaces {
  /** Libraries that are loaded before any other, whatever the loader's own places are. */
  readonly firstFolders: readonly string[];
  /** The variable LD_LIBRARY_PATH. */
  readonly libraryPath: string | undefined;
  readonly cache: LoaderCache;
  readonly systemFolders?: readonly string[];
}

export interface FoundLibrary {
  readonly name: string;
  readonly path: string;
}

export interface AskedLibrary {
  readonly name: string;
  /** File name of the library that asks for it. */
  readonly neededBy: string;
}

export interface SearchResult {
  /** What a library needs comes before it. */
  readonly found: readonly FoundLibrary[];
  readonly unfound: readonly AskedLibrary[];
}

/** Of Debian and Ubuntu, and of the others. */
const SYSTEM_FOLDERS = [
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/lib64',
  '/usr/lib64',
  '/lib',
  '/usr/lib',
] as const;
/** Of the loader itself, which is there wherever a program runs. */
const LOADER = /^ld-linux/;

/**
 * Follows every name that the libraries need, and what those need in turn.
 * @param asked names beside those that the libraries say
 */
export async function searchLibraries(
  libraries: readonly string[],
  asked: readonly AskedLibrary[],
  places: SearchPlaces,
): Promise<SearchResult> {
  const found: FoundLibrary[] = [];
  const unfound: AskedLibrary[] = [];
  const seen = new Set<string>();
  const visit = async (name: string, neededBy: string, askingFolder: string, runPaths: readonly string[]) => {
    if (seen.has(name) || LOADER.test(name)) return;
    seen.add(name);
    const ownFolders = runPaths.map((path) => inOrigin(path, askingFolder));
    const library = await findLibrary(name, ownFolders, places);
    if (library === undefined) {
      unfound.push({ name, neededBy });
      return;
    }
    await visitNeeds(library);
    found.push({ name, path: library.path });
  };
  const visitNeeds = async ({ path, elf }: LoadedLibrary): Promise<void> => {
    const asking = path.slice(path.lastIndexOf('/') + 1);
    for (const name of elf.needed) await visit(name, asking, dirname(path), elf.runPaths);
  };
  for (const path of libraries) await visitNeeds({ path, elf: await readElfLibrary(path) });
  for (const { name, neededBy } of asked) await visit(name, neededBy, '', []);
  return { found, unfound };
}

interface LoadedLibrary {
  readonly path: string;
  readonly elf: ElfLibrary;
}

/** The first place that holds a library of the name for this architecture. */
async function findLibrary(
  name: string,
  runPaths: readonly string[],
  { firstFolders, libraryPath, cache, systemFolders = SYSTEM_FOLDERS }: SearchPlaces,
): Promise<LoadedLibrary | undefined> {
  if (name.includes('/')) return readCandidate(name);
  const pathFolders = (libraryPath ?? '').split(/[:;]/).filter((folder) => folder !== '');
  const candidates = [
    ...[...firstFolders, ...pathFolders, ...runPaths].map((folder) => join(folder, name)),
    ...(cache.get(name) ?? []),
    ...systemFolders.map((folder) => join(folder, name)),
  ];
  for (const path of candidates) {
    const library = await readCandidate(path);
    if (library !== undefined) return library;
  }
  return undefined;
}

/** The loader passes over files that are missing, for another architecture, or no libraries. */
async function readCandidate(path: string): Promise<LoadedLibrary | undefined> {
  try {
    return { path, elf: await readElfLibrary(path) };
  } catch (error) {
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}

function inOrigin(path: string, folder: string): string {
  return path.replaceAll(/\$(ORIGIN|\{ORIGIN\})/g, folder);
}
