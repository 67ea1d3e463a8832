/** Names of unfinished files and folders: siblings of their target, recognisable so that leftovers can be swept. */
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const TEMPORARY_NAME = /\.tmp-[0-9]+-[0-9a-f]{12}$/;

/** A sibling path of `path`, unique to this process and call. */
export function temporarySibling(path: string): string {
  return `${path}.tmp-${String(process.pid)}-${randomBytes(6).toString('hex')}`;
}

/** Whether `name` is that of an unfinished file or folder, to be ignored by whoever lists a folder. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}

/** Removes what killed processes left unfinished in `folder`. Call it only where no other process writes there. */
export async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (isTemporaryName(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
