/** Why CUDA cannot be used, and what would make it usable: a GPU, the provider, or libraries of the system. */
import type { Installation } from '../../cudaSupport/installation.ts';
import { providerPath } from '../../cudaSupport/installation.ts';
import { missingLibraries } from '../../cudaSupport/libraries/cudaLibraries.ts';
import { libraryAdvice } from '../../cudaSupport/libraries/libraryAdvice.ts';
import { supportFolder, supportPlaces } from '../../cudaSupport/supportFolder.ts';
import type { LibraryAdvice } from '../../protocol/cuda.ts';
import { cudaInstallation } from '../cudaRuntime.ts';
import type { Remedy } from './remedy.ts';
import type { Gpu } from './gpu.ts';

/** What is installed, and which libraries it lacks. */
export interface CudaSituation {
  readonly installation: Installation;
  readonly missing: readonly string[];
  readonly advice: readonly LibraryAdvice[];
}

const INSTALL = 'Run "NeuroAda: Install CUDA Support" in the editor, or `neuroada cuda install`.';

export async function cudaSituation(): Promise<CudaSituation> {
  const installation = await cudaInstallation();
  if (installation.state !== 'installed') return { installation, missing: [], advice: [] };
  const libraries = supportPlaces.libraries(supportFolder());
  const { missing, advice } = await missingLibraries(providerPath(installation), libraries);
  const needed = missing.filter(({ isNeeded }) => isNeeded).map(({ name }) => name);
  return { installation, missing: needed, advice };
}

/**
 * @param failure the probe's error
 * @param stderr what the runtime wrote beside it, which names the file that it could not load
 */
export function cudaRemedy(
  failure: string,
  stderr: string,
  gpus: readonly Gpu[],
  { installation, missing, advice }: CudaSituation,
): Remedy {
  if (!gpus.some((gpu) => gpu.vendor === 'NVIDIA')) {
    return { reason: 'no NVIDIA GPU was found', fix: 'CUDA needs an NVIDIA GPU and its driver: use another device.' };
  }
  const unloaded = /(lib[\w.+-]+\.so[\w.]*): cannot open shared object file/.exec(stderr)?.[1];
  if (unloaded?.startsWith('libonnxruntime_providers') === true) {
    const reason = installation.reason ?? 'the CUDA provider is not installed';
    return { reason, fix: INSTALL, offer: 'installCudaSupport' };
  }
  if (missing.length > 0) return librariesRemedy(missing, advice);
  if (unloaded !== undefined) return librariesRemedy([unloaded], libraryAdvice([unloaded], [unloaded], ''));
  return {
    reason: /CUDA failure .*/.exec(failure)?.[0] ?? failure,
    fix: "Update NVIDIA's driver, or use another device.",
  };
}

function librariesRemedy(missing: readonly string[], advice: readonly LibraryAdvice[]): Remedy {
  const products = advice.filter(({ libraries }) => libraries.some((name) => missing.includes(name)));
  const names = products.map(({ product }) => product).join(' and ');
  return {
    reason: `${missing.length === 1 ? 'the library' : 'the libraries'} ${missing.join(', ')} cannot be found`,
    fix: `Get ${names}: \`neuroada cuda status\`, or "NeuroAda: Install CUDA Support" in the editor, tells how.`,
    offer: 'installCudaSupport',
  };
}
