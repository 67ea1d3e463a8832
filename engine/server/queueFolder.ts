/** The queue as the process of a run sees it: its own entry, and the next one for its device. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../files/systemError.ts';
import { parseQueueEntryName, type QueueEntry } from '../protocol/runs/queue.ts';

/** Undefined where the entry is gone: it was taken or removed. */
export async function readQueueEntry(queueFolder: string, name: string): Promise<QueueEntry | undefined> {
  try {
    return JSON.parse(await readFile(join(queueFolder, name), 'utf8')) as QueueEntry;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes the entry; false where it was gone already. */
export async function takeQueueEntry(queueFolder: string, name: string): Promise<boolean> {
  try {
    await rm(join(queueFolder, name));
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The first entry that waits for the device. */
export async function nextQueueEntry(
  queueFolder: string,
  device: string,
): Promise<{ readonly name: string; readonly entry: QueueEntry } | undefined> {
  const names = (await readdir(queueFolder)).filter((name) => parseQueueEntryName(name) !== undefined).sort();
  for (const name of names) {
    const entry = await readQueueEntry(queueFolder, name);
    if (entry?.device === device) return { name, entry };
  }
  return undefined;
}
