/**
 * Which ONNX Runtime this process uses: the product's own, or the copy of it that has the CUDA provider beside it. The
 * two are the same library; the runtime looks for providers in its own folder only.
 */
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { findInstallation, providerPath, type Installation } from '../cudaSupport/installation.ts';
import { ownLibraries } from '../cudaSupport/libraries/cudaLibraries.ts';
import { bundledRuntime, copyEntry } from '../cudaSupport/runtimePackage.ts';
import { supportFolder, supportPlaces } from '../cudaSupport/supportFolder.ts';

/** What this process would use, or why it does not. */
export function cudaInstallation(): Promise<Installation> {
  return findInstallation(supportFolder(), bundledRuntime().version);
}

/** Address of the module to import in place of the package; undefined where there is no copy that fits. */
export async function cudaRuntimeModule(): Promise<string | undefined> {
  const { state, folder } = await cudaInstallation();
  return state === 'installed' ? pathToFileURL(copyEntry(folder)).href : undefined;
}

/** Keeps a library loaded although it is closed again (dlopen(3)); Node does not name the flag. */
const RTLD_NODELETE = 0x1000;

let preloading: Promise<void> | undefined;

/**
 * Loads the CUDA libraries that the user put into the folder of CUDA support, so that the provider finds them among those
 * that are loaded: the loader reads LD_LIBRARY_PATH only when a process starts. Call it before the provider is loaded.
 */
export function preloadCudaLibraries(): Promise<void> {
  preloading ??= preload();
  return preloading;
}

async function preload(): Promise<void> {
  const installation = await cudaInstallation();
  if (installation.state !== 'installed') return;
  const libraries = await ownLibraries(providerPath(installation), supportPlaces.libraries(supportFolder()));
  for (const path of libraries) loadLibrary(path);
}

/**
 * Node loads any library, then finds that it is no addon of its own, closes it and throws. A library that could not even be
 * loaded is missed by the provider in a moment, whose error names it.
 */
function loadLibrary(path: string): void {
  const { RTLD_LAZY, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, path, RTLD_LAZY | RTLD_GLOBAL | RTLD_NODELETE);
  } catch {
    return;
  }
}
