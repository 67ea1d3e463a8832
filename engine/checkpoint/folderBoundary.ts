/** Where the files of a checkpoint folder may really lie: a link that leads elsewhere could give away any file. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { ExpectedError } from '../errors/expected.ts';
import { explainingErrors } from '../files/systemError.ts';

/**
 * Follows links. A file may lie within the folder, or, where the folder is a snapshot of the Hugging Face cache, among
 * the blobs beside it.
 * @returns the real path of `name` in `folder` where it lies elsewhere, undefined where all is well
 */
export async function placeOutsideFolder(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name);
  const [realFolder, realFile] = await explainingErrors(path, () => Promise.all([realpath(folder), realpath(path)]));
  const snapshots = dirname(realFolder);
  const allowed = [realFolder, ...(basename(snapshots) === 'snapshots' ? [join(dirname(snapshots), 'blobs')] : [])];
  const isInside = allowed.some((root) => realFile.startsWith(root.endsWith(sep) ? root : root + sep));
  return isInside ? undefined : realFile;
}

/** @throws ExpectedError `checkpoint/outsideFolder`, and `files/ENOENT` where there is no such file */
export async function refuseLinkOut(folder: string, name: string): Promise<void> {
  const place = await placeOutsideFolder(folder, name);
  if (place === undefined) return;
  const problem = `the file is a link that leads out of the folder, to ${place}`;
  const fix = 'Put the file itself into the folder, or give the folder that it lies in.';
  throw new ExpectedError('checkpoint/outsideFolder', problem, fix, { file: join(folder, name) });
}
