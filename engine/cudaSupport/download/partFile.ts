/**
 * A download that is under way: the bytes that have come, and beside them a record of what they are the beginning of, so
 * that another process can go on.
 */
import { readFile, rm, stat } from 'node:fs/promises';
import { writeFileAtomically } from '../../files/atomicFile.ts';
import * as z from 'zod';

const partRecord = z.object({
  schemaVersion: z.literal(1),
  url: z.string(),
  /** Only strong ones, which name these very bytes (RFC 9110, 8.8.3). */
  etag: z.string().optional(),
});

export interface PartFile {
  readonly path: string;
  readonly etag: string | undefined;
  readonly sizeBytes: number;
}

/** What there is of `url` at `path`; what belongs to something else counts as nothing. */
export async function openPart(path: string, url: string): Promise<PartFile> {
  const record = await readRecord(path);
  const sizeBytes = record?.url === url ? await partBytes(path) : 0;
  return { path, etag: sizeBytes === 0 ? undefined : record?.etag, sizeBytes };
}

/** Says what the bytes that are about to be written are the beginning of. */
export async function recordPart(path: string, url: string, etag: string | undefined): Promise<void> {
  const record = { schemaVersion: 1, url, ...(etag !== undefined && { etag }) };
  await writeFileAtomically(recordPath(path), `${JSON.stringify(record)}\n`);
}

export async function removePart(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(recordPath(path), { force: true });
}

async function partBytes(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function readRecord(path: string): Promise<z.infer<typeof partRecord> | undefined> {
  try {
    return partRecord.parse(JSON.parse(await readFile(recordPath(path), 'utf8')));
  } catch {
    return undefined;
  }
}

function recordPath(path: string): string {
  return `${path}.json`;
}
