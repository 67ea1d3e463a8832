/** Where CUDA support lies, and on which platforms there is any. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CUDA_FOLDER_VARIABLE } from '../protocol/cuda.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder that whoever started the engine named, or the user's data folder (XDG Base Directory Specification). */
export function supportFolder(environment: Environment = process.env): string {
  const named = environment[CUDA_FOLDER_VARIABLE];
  if (named !== undefined && named !== '') return resolve(named);
  const dataFolder = environment['XDG_DATA_HOME'];
  const isUsable = dataFolder?.startsWith('/') === true;
  return join(isUsable ? dataFolder : join(homedir(), '.local', 'share'), 'neuroada', 'cuda');
}

/** Places in the folder. */
export const supportPlaces = {
  /** A copy of the runtime with the provider. */
  version: (folder: string, runtimeVersion: string): string => join(folder, `onnxruntime-${runtimeVersion}`),
  /** What is being fetched. */
  download: (folder: string): string => join(folder, 'download'),
  /** CUDA and cuDNN libraries that the user put there. */
  libraries: (folder: string): string => join(folder, 'libraries'),
} as const;

/** Why there is no CUDA support on this platform, without a final full stop; undefined where there is. */
export function platformObstacle(platform: string, architecture: string): string | undefined {
  const here = `${platform}-${architecture}`;
  if (here === 'linux-x64') return undefined;
  const others: Readonly<Record<string, string>> = {
    win32: 'there the GPU is reached through DirectML or WebGPU, with nothing to install',
    darwin: 'there the GPU is reached through WebGPU, with nothing to install',
  };
  const other = others[platform] ?? 'there the runtime computes on the CPU';
  return `CUDA support exists for linux-x64, and this is ${here}: ${other}`;
}
