/** What is installed of CUDA support, read from its folder: whether it belongs to this runtime and is whole. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { isTemporaryName } from '../files/temporaryName.ts';
import type { CudaArchive, CudaState } from '../protocol/cuda.ts';
import { fileHash } from './fileHash.ts';
import { copyBinaries } from './runtimePackage.ts';
import { platformObstacle, supportPlaces } from './supportFolder.ts';

const PROVIDER = 'libonnxruntime_providers_cuda.so';
const RECORD = 'installation.json';
const VERSION_FOLDER = /^onnxruntime-(\d[\w.-]*)$/;

/** `installation.json`, which is written last. */
const installationRecord = z.object({
  schemaVersion: z.literal(1),
  runtimeVersion: z.string(),
  archive: z.object({
    from: z.string(),
    sha512: z.string(),
    hashOrigin: z.enum(['feed', 'user']),
    sizeBytes: z.int().optional(),
  }),
  /** Of the folder of libraries. */
  files: z.array(z.object({ name: z.string().regex(/^[\w.]+$/), sizeBytes: z.int(), sha256: z.string() })).nonempty(),
});

export type InstallationRecord = z.infer<typeof installationRecord>;

export interface Installation {
  readonly state: CudaState;
  /** Without a final full stop; where it is not used. */
  readonly reason?: string;
  /** Of this runtime's version, whole or not. */
  readonly folder: string;
  readonly record?: InstallationRecord;
}

/** The file that the runtime loads for CUDA. */
export function providerPath({ folder }: Pick<Installation, 'folder'>): string {
  return join(copyBinaries(folder), PROVIDER);
}

export function archiveOf({ archive }: InstallationRecord): CudaArchive {
  const { sizeBytes, ...rest } = archive;
  return sizeBytes === undefined ? rest : { ...rest, sizeBytes };
}

/** Quick: sizes are compared, contents are not. */
export async function findInstallation(
  folder: string,
  runtimeVersion: string,
  platform: string = process.platform,
  architecture: string = process.arch,
): Promise<Installation> {
  const place = supportPlaces.version(folder, runtimeVersion);
  const obstacle = platformObstacle(platform, architecture);
  if (obstacle !== undefined) return { state: 'unsupported', reason: obstacle, folder: place };
  const versions = await installedVersions(folder);
  if (!versions.includes(runtimeVersion)) return withoutThisVersion(place, runtimeVersion, versions);
  const record = await readRecord(place);
  const problem = record === undefined ? `${RECORD} cannot be read` : await missingFile(place, record, runtimeVersion);
  if (problem !== undefined || record === undefined) {
    return { state: 'damaged', reason: `CUDA support in ${place} is damaged: ${problem ?? ''}`, folder: place };
  }
  return { state: 'installed', folder: place, record };
}

function withoutThisVersion(folder: string, runtimeVersion: string, versions: readonly string[]): Installation {
  if (versions.length === 0) return { state: 'none', folder };
  const reason = `CUDA support is installed for version ${versions.join(', ')} of ONNX Runtime, and this is ${runtimeVersion}`;
  return { state: 'otherVersion', reason, folder };
}

export async function installedVersions(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => (isTemporaryName(name) ? [] : (VERSION_FOLDER.exec(name)?.[1] ?? []))).sort();
}

async function readRecord(folder: string): Promise<InstallationRecord | undefined> {
  try {
    return installationRecord.parse(JSON.parse(await readFile(join(folder, RECORD), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeRecord(folder: string, record: InstallationRecord): Promise<void> {
  await writeFileAtomically(join(folder, RECORD), `${JSON.stringify(record, undefined, 2)}\n`);
}

async function missingFile(
  folder: string,
  { runtimeVersion, files }: InstallationRecord,
  expectedVersion: string,
): Promise<string | undefined> {
  if (runtimeVersion !== expectedVersion) return `it is of version ${runtimeVersion}`;
  for (const { name, sizeBytes } of files) {
    const size = await stat(join(copyBinaries(folder), name)).then(
      (status) => status.size,
      () => undefined,
    );
    if (size === undefined) return `${name} is missing`;
    if (size !== sizeBytes) return `${name} has ${String(size)} bytes instead of ${String(sizeBytes)}`;
  }
  return undefined;
}

/** Whether every file has the content that it was installed with. */
export async function isUnchanged({ folder, record }: Installation, signal: AbortSignal): Promise<boolean> {
  for (const { name, sha256 } of record?.files ?? []) {
    const path = join(copyBinaries(folder), name);
    if ((await fileHash('sha256', path, signal)) !== sha256) return false;
  }
  return true;
}
