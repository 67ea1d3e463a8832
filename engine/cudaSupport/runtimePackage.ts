/** The package of ONNX Runtime as it lies on disk: the one that came with the product, and copies of it. */
import { constants, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface RuntimePackage {
  /** Folder of the package onnxruntime-node. */
  readonly folder: string;
  readonly version: string;
  /** Folder of the package onnxruntime-common, which it needs. */
  readonly commonFolder: string;
}

const PACKAGE = 'onnxruntime-node';
const COMMON_PACKAGE = 'onnxruntime-common';
/** Of the platform that CUDA support exists for. */
const BINARIES = 'bin/napi-v6/linux/x64';

/** The libraries of a copy: the binding, and the runtime that it loads. */
export const RUNTIME_FILES = ['onnxruntime_binding.node', 'libonnxruntime.so.1'] as const;

/** Found as the import of the package finds it, without loading it. */
export function bundledRuntime(): RuntimePackage {
  const description = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
  const { version } = JSON.parse(readFileSync(description, 'utf8')) as { readonly version: string };
  const common = createRequire(description).resolve(COMMON_PACKAGE);
  const end = common.lastIndexOf(COMMON_PACKAGE) + COMMON_PACKAGE.length;
  return { folder: dirname(description), version, commonFolder: common.slice(0, end) };
}

/** Module to import of a copy in `folder`. */
export function copyEntry(folder: string): string {
  return join(folder, 'node_modules', PACKAGE, 'dist', 'index.js');
}

/** Folder of a copy's libraries, in which the runtime looks for its providers. */
export function copyBinaries(folder: string): string {
  return join(folder, 'node_modules', PACKAGE, BINARIES);
}

/** Copies the package and what it needs, so that it can be imported from `folder`: its code and this platform's libraries. */
export async function copyRuntime({ folder: from, commonFolder }: RuntimePackage, folder: string): Promise<void> {
  const packages = join(folder, 'node_modules');
  const target = join(packages, PACKAGE);
  await mkdir(copyBinaries(folder), { recursive: true });
  await copyFile(join(from, 'package.json'), join(target, 'package.json'));
  await cp(join(from, 'dist'), join(target, 'dist'), { recursive: true });
  for (const name of RUNTIME_FILES) {
    await copyFile(join(from, BINARIES, name), join(copyBinaries(folder), name), constants.COPYFILE_FICLONE);
  }
  await copyFile(join(commonFolder, 'package.json'), await made(join(packages, COMMON_PACKAGE), 'package.json'));
  await cp(join(commonFolder, 'dist', 'cjs'), join(packages, COMMON_PACKAGE, 'dist', 'cjs'), { recursive: true });
}

async function made(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return join(folder, name);
}
