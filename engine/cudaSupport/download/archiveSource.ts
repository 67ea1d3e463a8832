/** Which archive holds the provider of one version of the runtime, where it is, and what its hash must be. */
import { ExpectedError } from '../../errors/expected.ts';
import type { CudaArchive, InstallCudaParams } from '../../protocol/cuda.ts';
import { DEFAULT_FEED, publishedPackage } from './nugetFeed.ts';

/** The package that onnxruntime-node's own install script takes it from (script/install-metadata.js). */
export const PROVIDER_PACKAGE = 'Microsoft.ML.OnnxRuntime.Gpu.Linux';

/** A file of the archive, and the name it gets. */
export interface WantedFile {
  readonly entry: string;
  readonly name: string;
}

/**
 * What CUDA needs of it. The runtime itself is the one that came with the product, which loads providers of its own
 * version; the provider for TensorRT is left out, as nothing here uses it.
 */
export const WANTED_FILES: readonly WantedFile[] = [
  'libonnxruntime_providers_cuda.so',
  'libonnxruntime_providers_shared.so',
].map((name) => ({ entry: `runtimes/linux-x64/native/${name}`, name }));

/** Asks the feed, unless the user gave both the archive and its hash. */
export async function archiveSource(
  { from, sha512, feed = DEFAULT_FEED }: InstallCudaParams,
  runtimeVersion: string,
  signal: AbortSignal,
): Promise<CudaArchive> {
  const ownHash = sha512 === undefined ? undefined : parseHash(sha512);
  if (from !== undefined && ownHash !== undefined) return { from, sha512: ownHash, hashOrigin: 'user' };
  const published = await publishedPackage(feed, PROVIDER_PACKAGE, runtimeVersion, signal);
  return {
    from: from ?? published.url,
    sha512: ownHash ?? published.sha512,
    hashOrigin: ownHash === undefined ? 'feed' : 'user',
    ...(published.sizeBytes !== undefined && { sizeBytes: published.sizeBytes }),
  };
}

/** SHA-512 as tools print it: hexadecimal, or base64 as in NuGet's catalog. */
function parseHash(text: string): string {
  const trimmed = text.trim();
  if (/^[0-9a-f]{128}$/i.test(trimmed)) return trimmed.toLowerCase();
  const bytes = Buffer.from(trimmed, 'base64');
  if (bytes.length === 64 && /^[A-Za-z0-9+/]{86}==$/.test(trimmed)) return bytes.toString('hex');
  throw new ExpectedError(
    'cuda/badHash',
    `expected a SHA-512 of 128 hexadecimal digits or in base64, found ${String(trimmed.length)} characters`,
    'Take it from `neuroada cuda source` or `sha512sum`.',
    { field: 'sha512' },
  );
}
