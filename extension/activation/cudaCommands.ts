/** Commands that install and remove CUDA support. */
import type { Disposable } from 'vscode';
import { installCuda } from '../cudaSupport/installCuda.ts';
import { removeCuda } from '../cudaSupport/removeCuda.ts';
import { registerCommands } from './commandRegistry.ts';
import type { Services } from './services.ts';

export function registerCudaCommands({ errors, jobs }: Services): Disposable[] {
  return registerCommands(errors, {
    'neuroada.installCuda': () => installCuda(jobs),
    'neuroada.removeCuda': () => removeCuda(jobs),
  });
}
