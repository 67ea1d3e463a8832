/**
 * Installs CUDA support: fetches the archive, checks its hash, and only then unpacks the provider beside a copy of the
 * runtime, in a folder that appears as a whole. And removes it.
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CancelledError, ExpectedError } from '../errors/expected.ts';
import { createFolderAtomically, removeFolderAtomically } from '../files/atomicFolder.ts';
import { explainingErrors } from '../files/systemError.ts';
import { isTemporaryName, removeTemporaries } from '../files/temporaryName.ts';
import type { CudaArchive, InstallCudaParams } from '../protocol/cuda.ts';
import type { JobProgress } from '../protocol/rpc.ts';
import { unpack } from './archive.ts';
import { archiveSource, PROVIDER_PACKAGE, WANTED_FILES } from './download/archiveSource.ts';
import { download } from './download/download.ts';
import { removePart } from './download/partFile.ts';
import { fileHash } from './fileHash.ts';
import { holdingFolder } from './installationLock.ts';
import { findInstallation, installedVersions, isUnchanged, writeRecord } from './installation.ts';
import { copyBinaries, copyRuntime, RUNTIME_FILES, type RuntimePackage } from './runtimePackage.ts';
import { supportPlaces } from './supportFolder.ts';

export interface InstallRequest extends InstallCudaParams {
  readonly folder: string;
  readonly runtime: RuntimePackage;
  readonly onProgress: (progress: JobProgress) => void;
  readonly signal: AbortSignal;
  /** Waiting time before another try; in tests only. */
  readonly retryDelayMs?: number;
}

/** A few times what there is; what is larger is something else. */
const LARGEST_ARCHIVE_BYTES = 2 ** 31;

/**
 * @returns whether it was there already, and whole
 * @throws CancelledError, which leaves what was downloaded for the next time
 * @throws ExpectedError `cuda/…`, `files/…`; nothing is installed then
 */
export async function installCudaSupport(request: InstallRequest): Promise<{ readonly wasInstalled: boolean }> {
  const { folder, runtime, signal } = request;
  const before = await findInstallation(folder, runtime.version);
  if (before.state === 'unsupported') throw unsupported(before.reason ?? '');
  return explainingErrors(folder, async () => {
    await mkdir(folder, { recursive: true });
    return holdingFolder(folder, async () => {
      if (before.state === 'installed' && (await isUnchanged(before, signal))) return { wasInstalled: true };
      await removeTemporaries(folder);
      request.onProgress({ phase: 'asking for the archive', done: 0, total: 0 });
      const source = await archiveSource(request, runtime.version, signal);
      const archive = await fetchArchive(request, source);
      await place(request, source, archive).catch(async (error: unknown) => {
        // What has the right hash and is of no use will not be of use the next time.
        const isUseless = error instanceof ExpectedError && error.code.startsWith('cuda/');
        if (isUseless && archive !== source.from) await removePart(archive);
        throw error;
      });
      await rm(supportPlaces.download(folder), { recursive: true, force: true });
      return { wasInstalled: false };
    });
  });
}

/** Path of the archive, whose hash is right. */
async function fetchArchive(request: InstallRequest, source: CudaArchive): Promise<string> {
  const isAddress = /^https?:\/\//.test(source.from);
  const path = isAddress ? await downloadArchive(request, source) : source.from;
  const totalBytes = (await explainingErrors(path, () => stat(path))).size;
  const found = await fileHash('sha512', path, request.signal, (done) => {
    request.onProgress({ phase: 'checking', done, total: totalBytes });
  });
  if (found === source.sha512) return path;
  if (isAddress) await removePart(path);
  throw new ExpectedError(
    'cuda/wrongHash',
    `the archive from ${source.from} has the SHA-512 ${found}, expected ${source.sha512}`,
    isAddress
      ? 'It was changed on its way or where it lies, and is deleted; nothing was installed. Try again, or take it from elsewhere with --from.'
      : 'Nothing was installed. Fetch the file again.',
  );
}

async function downloadArchive(request: InstallRequest, { from, sizeBytes }: CudaArchive): Promise<string> {
  const { folder, runtime, signal, onProgress, retryDelayMs } = request;
  const downloads = supportPlaces.download(folder);
  const name = `${PROVIDER_PACKAGE}.${runtime.version}.nupkg.part`;
  await mkdir(downloads, { recursive: true });
  await removeOthers(downloads, (other) => other.startsWith(name));
  const path = join(downloads, name);
  await download({
    ...{ url: from, path, sizeBytes, limitBytes: LARGEST_ARCHIVE_BYTES, signal },
    onProgress: (done, total) => {
      onProgress({ phase: 'downloading', done, total });
    },
    ...(retryDelayMs !== undefined && { retryDelayMs }),
  });
  return path;
}

/** What another version of the runtime left goes last. */
async function place(request: InstallRequest, source: CudaArchive, archive: string): Promise<void> {
  const { folder, runtime, signal, onProgress } = request;
  const target = supportPlaces.version(folder, runtime.version);
  const versions = await installedVersions(folder);
  if (versions.includes(runtime.version)) await removeFolderAtomically(target);
  await createFolderAtomically(target, async (temporary) => {
    await copyRuntime(runtime, temporary);
    const binaries = copyBinaries(temporary);
    const unpacked = await unpack({
      ...{ archive, packageName: PROVIDER_PACKAGE, packageVersion: runtime.version, files: WANTED_FILES, signal },
      folder: binaries,
      onProgress: (done, total) => {
        onProgress({ phase: 'unpacking', done, total });
      },
    });
    const copied = await Promise.all(RUNTIME_FILES.map((name) => describeFile(binaries, name, signal)));
    const files = [...unpacked, ...copied] as [(typeof copied)[number], ...typeof copied];
    await writeRecord(temporary, { schemaVersion: 1, runtimeVersion: runtime.version, archive: source, files });
    if (signal.aborted) throw new CancelledError();
  });
  for (const version of versions.filter((other) => other !== runtime.version)) {
    await removeFolderAtomically(supportPlaces.version(folder, version));
  }
}

async function describeFile(
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly sizeBytes: number; readonly sha256: string }> {
  const path = join(folder, name);
  return { name, sizeBytes: (await stat(path)).size, sha256: await fileHash('sha256', path, signal) };
}

async function removeOthers(folder: string, isKept: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isKept(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Removes all that is there, libraries that the user put into it included; processes that use it go on. */
export async function removeCudaSupport(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return;
  const foreign = names.find((name) => !isOwn(name));
  if (foreign !== undefined) throw foreignFile(folder, foreign);
  await explainingErrors(folder, () =>
    holdingFolder(folder, async () => {
      for (const version of await installedVersions(folder)) {
        await removeFolderAtomically(supportPlaces.version(folder, version));
      }
      await rm(folder, { recursive: true });
    }),
  );
}

/** A folder that was named by mistake is not emptied. */
function isOwn(name: string): boolean {
  return /^(onnxruntime-[\w.-]+|download|libraries)$/.test(name) || isTemporaryName(name);
}

function foreignFile(folder: string, name: string): ExpectedError {
  return new ExpectedError(
    'cuda/foreignFile',
    `expected a folder of CUDA support alone, found ${name} in it`,
    'Remove that first, or the folder yourself.',
    { file: folder },
  );
}

function unsupported(reason: string): ExpectedError {
  return new ExpectedError('cuda/unsupported', reason, 'See `neuroada devices` for what computes here.');
}
