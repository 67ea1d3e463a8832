/** The queue of runs as files, seen from the editor: reading its order, adding, removing and moving entries. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  deviceClaimName,
  parseQueueEntryName,
  QUEUE_SCHEMA_VERSION,
  queueEntryName,
  type DeviceClaim,
  type QueueEntry,
} from '../../engine/protocol/runs/queue.ts';

/** An entry with its file name. */
export interface QueuedRun extends QueueEntry {
  readonly entryName: string;
}

/** Orders are microseconds of the time of queuing, so that a place between two entries is free. */
const ORDERS_PER_MS = 1_000;

/** Private to its user; does nothing where it exists. */
export async function makeQueueFolder(queueFolder: string): Promise<void> {
  await mkdir(queueFolder, { recursive: true, mode: 0o700 });
}

/** The entries in order. Damaged ones are left out. */
export async function readQueue(queueFolder: string): Promise<QueuedRun[]> {
  await makeQueueFolder(queueFolder);
  const names = (await readdir(queueFolder)).filter((name) => parseQueueEntryName(name) !== undefined).sort();
  const entries = await Promise.all(names.map((name) => readEntry(queueFolder, name)));
  return entries.filter((entry) => entry !== undefined);
}

/** Adds a run at the end. */
export async function enqueue(
  queueFolder: string,
  entry: Omit<QueueEntry, 'schemaVersion' | 'queuedTime'>,
): Promise<QueuedRun> {
  const last = (await readQueue(queueFolder)).at(-1);
  const queuedTime = Date.now();
  const order = Math.max(queuedTime * ORDERS_PER_MS, last === undefined ? 0 : orderOf(last) + ORDERS_PER_MS);
  const entryName = queueEntryName(order, randomBytes(6).toString('hex'));
  const content: QueueEntry = { schemaVersion: QUEUE_SCHEMA_VERSION, queuedTime, ...entry };
  const temporary = join(queueFolder, `.${entryName}`);
  await writeFile(temporary, JSON.stringify(content), { mode: 0o600 });
  await rename(temporary, join(queueFolder, entryName));
  return { ...content, entryName };
}

/** Takes a run out of the queue; returns false where it is out already. */
export async function dequeue(queueFolder: string, entryName: string): Promise<boolean> {
  try {
    await rm(join(queueFolder, entryName));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Moves an entry up (-1) or down (1) among those of its device. */
export async function moveEntry(queueFolder: string, entryName: string, direction: -1 | 1): Promise<void> {
  const queue = await readQueue(queueFolder);
  const moved = queue.find((entry) => entry.entryName === entryName);
  if (moved === undefined) return;
  const rivals = queue.filter((entry) => entry.device === moved.device);
  const place = rivals.indexOf(moved);
  const neighbour = rivals[place + direction];
  if (neighbour === undefined) return;
  const beyond = rivals[place + 2 * direction];
  const from = orderOf(neighbour);
  const order = beyond === undefined ? from + direction * ORDERS_PER_MS : Math.floor((from + orderOf(beyond)) / 2);
  const { id } = parseQueueEntryName(entryName)!;
  await rename(join(queueFolder, entryName), join(queueFolder, queueEntryName(order, id)));
}

/** Whether a live process trains on the device. */
export async function isDeviceBusy(queueFolder: string, device: string): Promise<boolean> {
  try {
    const text = await readFile(join(queueFolder, deviceClaimName(device)), 'utf8');
    return await isListening((JSON.parse(text) as DeviceClaim).address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function orderOf(entry: QueuedRun): number {
  return parseQueueEntryName(entry.entryName)!.order;
}

async function readEntry(queueFolder: string, entryName: string): Promise<QueuedRun | undefined> {
  try {
    const entry = JSON.parse(await readFile(join(queueFolder, entryName), 'utf8')) as Partial<QueueEntry>;
    const { schemaVersion, runFolder, device } = entry;
    if (schemaVersion !== QUEUE_SCHEMA_VERSION || typeof runFolder !== 'string' || typeof device !== 'string') {
      return undefined;
    }
    return { ...(entry as QueueEntry), entryName };
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isListening(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
