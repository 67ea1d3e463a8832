/** Folders that appear and disappear as a whole: filled under a temporary name, then renamed. */
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ExpectedError } from '../errors/expected.ts';
import { syncParent, syncTree } from './durability.ts';
import { explainingErrors, systemErrorCode } from './systemError.ts';
import { temporarySibling } from './temporaryName.ts';

/**
 * Creates the folder `path` (and its parents): `fill` writes into a temporary sibling, which takes the name when all of
 * it is on disk. Where `fill` throws, nothing is left.
 * @throws ExpectedError `files/exists` where something is at `path` already
 */
export async function createFolderAtomically(
  path: string,
  fill: (temporaryFolder: string) => Promise<void>,
): Promise<void> {
  const target = resolve(path);
  await explainingErrors(target, async () => {
    await refuseExisting(target);
    await mkdir(dirname(target), { recursive: true });
    const temporary = temporarySibling(target);
    await mkdir(temporary);
    try {
      await fill(temporary);
      await syncTree(temporary);
      await refuseExisting(target);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
    await syncParent(target);
  });
}

/** Removes the folder `path` so that a kill in between leaves it whole or gone. */
export async function removeFolderAtomically(path: string): Promise<void> {
  const target = resolve(path);
  await explainingErrors(target, async () => {
    const temporary = temporarySibling(target);
    await rename(target, temporary);
    await syncParent(target);
    await rm(temporary, { recursive: true });
  });
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await lstat(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  throw new ExpectedError('files/exists', 'exists already', 'Choose another path or remove it first.', { file: path });
}
