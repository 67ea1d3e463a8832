/**
 * Takes files out of a NuGet package, which is a zip archive: only those that are named, under names that this program
 * chose, and nothing of an archive that also holds names leading elsewhere.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { CancelledError, ExpectedError } from '../errors/expected.ts';
import { systemErrorCode } from '../files/systemError.ts';
import type { WantedFile } from './download/archiveSource.ts';

export interface UnpackedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface ArchiveRequest {
  readonly archive: string;
  /** Name and version that the package must say of itself. */
  readonly packageName: string;
  readonly packageVersion: string;
  readonly files: readonly WantedFile[];
  readonly folder: string;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
}

/** The provider has 272 MB; an archive may not fill the disk instead. */
const LARGEST_FILE_BYTES = 2 ** 31;
const LARGEST_DESCRIPTION_BYTES = 1 << 20;
const FILE_TYPE_MASK = 0o170000;
const SYMBOLIC_LINK = 0o120000;

/** @throws ExpectedError `cuda/badArchive`; CancelledError */
export async function unpack(request: ArchiveRequest): Promise<readonly UnpackedFile[]> {
  let zip: ZipFile | undefined;
  try {
    zip = await yauzl.openPromise(request.archive, { autoClose: false });
    const entries = await readEntries(zip, request);
    await checkDescription(zip, entries, request);
    return await writeFiles(zip, entries, request);
  } catch (error) {
    if (request.signal.aborted) throw new CancelledError();
    if (error instanceof ExpectedError || systemErrorCode(error) !== undefined || !(error instanceof Error))
      throw error;
    throw badArchive(request.archive, error.message, error);
  } finally {
    zip?.close();
  }
}

async function readEntries(zip: ZipFile, { archive }: ArchiveRequest): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entries.has(entry.fileName)) throw badArchive(archive, `it holds ${entry.fileName} twice`);
    entries.set(entry.fileName, entry);
  }
  return entries;
}

/** A package says of itself what it is: `<id>` and `<version>` in its .nuspec. */
async function checkDescription(
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
  { archive, packageName, packageVersion }: ArchiveRequest,
): Promise<void> {
  const entry = findEntry(entries, `${packageName}.nuspec`, LARGEST_DESCRIPTION_BYTES, archive);
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const found = ['id', 'version'].map((tag) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(text)?.[1]?.trim() ?? '');
  if (found.join(' ') === `${packageName} ${packageVersion}`) return;
  throw new ExpectedError(
    'cuda/otherPackage',
    `expected the package ${packageName} ${packageVersion}, found ${found.join(' ')}`,
    'Fetch the archive of exactly this version: `neuroada cuda source` tells its address.',
    { file: archive },
  );
}

async function writeFiles(
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
  { archive, files, folder, onProgress, signal }: ArchiveRequest,
): Promise<readonly UnpackedFile[]> {
  const found = files.map(({ entry, name }) => ({
    name,
    entry: findEntry(entries, entry, LARGEST_FILE_BYTES, archive),
  }));
  const totalBytes = found.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0);
  let doneBytes = 0;
  const unpacked: UnpackedFile[] = [];
  for (const { name, entry } of found) {
    const sha256 = await writeFile(await zip.openReadStreamPromise(entry), join(folder, name), signal, (bytes) => {
      doneBytes += bytes;
      onProgress(doneBytes, totalBytes);
    });
    unpacked.push({ name, sizeBytes: entry.uncompressedSize, sha256 });
  }
  return unpacked;
}

function findEntry(entries: ReadonlyMap<string, Entry>, name: string, limitBytes: number, archive: string): Entry {
  const entry = entries.get(name);
  if (entry === undefined) throw badArchive(archive, `it holds no ${name}`);
  const mode = entry.externalFileAttributes >>> 16;
  if ((mode & FILE_TYPE_MASK) === SYMBOLIC_LINK || entry.isEncrypted()) {
    throw badArchive(archive, `${name} is no plain file`);
  }
  if (entry.uncompressedSize > limitBytes) {
    throw badArchive(archive, `${name} would have ${String(entry.uncompressedSize)} bytes`);
  }
  return entry;
}

/** @returns the SHA-256 of what was written */
async function writeFile(
  content: Readable,
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      onBytes(chunk.length);
      yield chunk;
    }
  };
  await pipeline(content, counted, createWriteStream(path, { flags: 'wx' }), { signal });
  return hash.digest('hex');
}

function badArchive(file: string, problem: string, cause?: unknown): ExpectedError {
  return new ExpectedError(
    'cuda/badArchive',
    `the archive is not usable: ${problem}`,
    'Fetch it again; nothing of it was installed.',
    { file },
    cause,
  );
}
