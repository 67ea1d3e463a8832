/** Makes files, folders and their names outlive a crash or power loss (fsync). */
import { open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Forces the folder's entries (names, renames, removals) to disk. Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await syncPath(path, 'r');
}

/** Forces the entry of `path` in its parent folder to disk. */
export async function syncParent(path: string): Promise<void> {
  await syncFolder(dirname(path));
}

/** Forces every regular file under `folder`, and every folder, to disk. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncPath(path, 'r+');
  }
  await syncFolder(folder);
}

async function syncPath(path: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
