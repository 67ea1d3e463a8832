/** CUDA support as use cases: what there is of it, where it comes from, installing and removing it. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveSource } from '../cudaSupport/download/archiveSource.ts';
import { installCudaSupport, removeCudaSupport } from '../cudaSupport/install.ts';
import { archiveOf, findInstallation, providerPath } from '../cudaSupport/installation.ts';
import { missingLibraries } from '../cudaSupport/libraries/cudaLibraries.ts';
import { bundledRuntime } from '../cudaSupport/runtimePackage.ts';
import { supportFolder, supportPlaces } from '../cudaSupport/supportFolder.ts';
import type {
  CudaArchive,
  CudaStatus,
  InstallCudaParams,
  InstallCudaResult,
  RemoveCudaResult,
} from '../protocol/cuda.ts';
import type { JobProgress } from '../protocol/rpc.ts';

export async function cudaStatusJob(): Promise<CudaStatus> {
  const folder = supportFolder();
  const runtimeVersion = bundledRuntime().version;
  const installation = await findInstallation(folder, runtimeVersion);
  const { state, reason, record } = installation;
  const libraries = supportPlaces.libraries(folder);
  return {
    ...{ state, folder, runtimeVersion },
    ...(reason !== undefined && { reason }),
    sizeBytes: await sizeOf(folder),
    downloadedBytes: await sizeOf(supportPlaces.download(folder), (name) => name.endsWith('.part')),
    ...(record !== undefined && { archive: archiveOf(record) }),
    ...(state === 'installed' && { libraries: await missingLibraries(providerPath(installation), libraries) }),
  };
}

/** Cancelling keeps what was downloaded for the next time. */
export async function installCudaJob(
  params: InstallCudaParams,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<InstallCudaResult> {
  const { from, sha512, feed } = params;
  const { wasInstalled } = await installCudaSupport({
    ...{ folder: supportFolder(), runtime: bundledRuntime(), onProgress, signal },
    ...(from !== undefined && { from }),
    ...(sha512 !== undefined && { sha512 }),
    ...(feed !== undefined && { feed }),
  });
  return { ...(await cudaStatusJob()), wasInstalled };
}

/** What an installation would fetch; asks the feed, and fetches nothing. */
export async function cudaSourceJob(params: InstallCudaParams, signal: AbortSignal): Promise<CudaArchive> {
  return archiveSource(params, bundledRuntime().version, signal);
}

export async function removeCudaJob(): Promise<RemoveCudaResult> {
  const folder = supportFolder();
  const freedBytes = await sizeOf(folder);
  await removeCudaSupport(folder);
  return { folder, freedBytes };
}

/** Of the files below the folder; 0 where there is none. */
async function sizeOf(folder: string, isCounted: (name: string) => boolean = () => true): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && isCounted(entry.name));
  const sizes = await Promise.all(files.map((file) => stat(join(file.parentPath, file.name)).catch(() => undefined)));
  return sizes.reduce((sum, status) => sum + (status?.size ?? 0), 0);
}
