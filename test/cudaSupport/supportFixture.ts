/** A small runtime package, and archives with a provider for it, as NuGet's has them. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RuntimePackage } from '../../engine/cudaSupport/runtimePackage.ts';
import { PACKAGE } from './archiveServer.ts';
import { elfFile } from './elfFile.ts';
import { zipArchive, type ZipEntry } from './zipArchive.ts';

const BINARIES = 'bin/napi-v6/linux/x64';

export const PROVIDER = elfFile({ needed: ['libcublas.so.12', 'libnowhere.so.3'] });

/** @param version of the runtime that the archive says it belongs to */
export function providerArchive(version: string, others: readonly ZipEntry[] = []): Buffer {
  const nuspec = `<package><metadata><id>${PACKAGE}</id><version>${version}</version></metadata></package>`;
  return zipArchive([
    { name: `${PACKAGE}.nuspec`, content: nuspec },
    { name: 'runtimes/linux-x64/native/libonnxruntime_providers_cuda.so', content: PROVIDER },
    { name: 'runtimes/linux-x64/native/libonnxruntime_providers_shared.so', content: elfFile() },
    { name: 'runtimes/linux-x64/native/libonnxruntime_providers_tensorrt.so', content: 'not wanted' },
    ...others,
  ]);
}

export async function fakeRuntime(folder: string, version: string): Promise<RuntimePackage> {
  const packageFolder = join(folder, 'onnxruntime-node');
  const commonFolder = join(folder, 'onnxruntime-common');
  const files: Record<string, string> = {
    [join(packageFolder, 'package.json')]: JSON.stringify({ name: 'onnxruntime-node', version }),
    [join(packageFolder, 'dist/index.js')]: 'exports.isCopy = true;',
    [join(packageFolder, BINARIES, 'onnxruntime_binding.node')]: 'binding',
    [join(packageFolder, BINARIES, 'libonnxruntime.so.1')]: 'runtime',
    [join(commonFolder, 'package.json')]: '{}',
    [join(commonFolder, 'dist/cjs/index.js')]: '',
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return { folder: packageFolder, version, commonFolder };
}

export function sha512(bytes: Uint8Array): string {
  return createHash('sha512').update(bytes).digest('hex');
}
