/** The folder that a merge makes: where it may be, whether it fits on the disk, and what killed merges left beside it. */
import { lstat, mkdir, readdir, realpath, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { ExpectedError } from '../../errors/expected.ts';
import { createFolderAtomically } from '../../files/atomicFolder.ts';
import { explainingErrors, systemErrorCode } from '../../files/systemError.ts';
import { isTemporaryName } from '../../files/temporaryName.ts';

/**
 * Creates the folder `output`, filled by `fill`, which must not touch `source`. Nothing is left where it fails, not even
 * parents that did not exist.
 * @param sizeBytes what `fill` will write
 * @throws ExpectedError `merge/exists`, `merge/nested`, `merge/diskFull`, `files/…`
 */
export async function createOutputFolder(
  output: string,
  source: string,
  sizeBytes: number,
  fill: (temporaryFolder: string) => Promise<void>,
): Promise<void> {
  const target = resolve(output);
  await explainingErrors(target, async () => {
    await refuseExisting(target);
    await refuseNested(target, source);
    const firstCreated = await mkdir(dirname(target), { recursive: true });
    try {
      await removeLeftovers(target);
      await requireSpace(target, sizeBytes);
      await createFolderAtomically(target, fill);
    } catch (error) {
      if (firstCreated !== undefined) await removeEmptyFolders(dirname(target), firstCreated);
      throw error;
    }
  });
}

async function refuseExisting(target: string): Promise<void> {
  try {
    await lstat(target);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  const fix = 'Choose another output, or remove what is there.';
  throw new ExpectedError('merge/exists', 'the output exists already', fix, { file: target });
}

async function refuseNested(target: string, source: string): Promise<void> {
  const [realTarget, realSource] = [await realPathOf(target), await realpath(source)];
  if (!`${realTarget}${sep}`.startsWith(`${realSource}${sep}`)) return;
  const fix = 'Choose an output beside it: the checkpoint stays as it is.';
  throw new ExpectedError('merge/nested', `the output lies inside the checkpoint ${source}`, fix, { file: target });
}

/** The real path of what does not exist yet. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return join(await realPathOf(dirname(path)), basename(path));
  }
}

async function requireSpace(target: string, sizeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(target));
  const freeBytes = bavail * bsize;
  if (sizeBytes <= freeBytes) return;
  throw new ExpectedError(
    'merge/diskFull',
    `the output needs ${megabytes(sizeBytes)}, but only ${megabytes(freeBytes)} are free on its disk`,
    'Free some space, or choose an output on another disk.',
    { file: target },
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;
}

/** Removes unfinished folders of this output whose process was killed. */
async function removeLeftovers(target: string): Promise<void> {
  const folder = dirname(target);
  const prefix = `${basename(target)}.tmp-`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || !isTemporaryName(name)) continue;
    const path = join(folder, name);
    if (await isAbandoned(path, Number.parseInt(name.slice(prefix.length), 10))) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

/** Whether the process that made the folder is gone; its number may be this process's own by now. */
async function isAbandoned(path: string, pid: number): Promise<boolean> {
  if (pid === process.pid) {
    const startedTime = Date.now() - process.uptime() * 1000;
    return (await stat(path)).birthtimeMs < startedTime;
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemErrorCode(error) === 'ESRCH';
  }
}

/** Removes `folder` and its parents up to `last`, as far as they are empty. */
async function removeEmptyFolders(folder: string, last: string): Promise<void> {
  try {
    await rmdir(folder);
    if (folder !== last) await removeEmptyFolders(dirname(folder), last);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOTEMPTY' && systemErrorCode(error) !== 'ENOENT') throw error;
  }
}
