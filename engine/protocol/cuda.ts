/**
 * CUDA support: the runtime's CUDA provider, fetched on demand since it is too large for the extension, in a folder of its
 * own. Who starts the engine names the folder in `CUDA_FOLDER_VARIABLE`; it lies with the user's data otherwise.
 */

export const CUDA_FOLDER_VARIABLE = 'NEUROADA_CUDA_FOLDER';

/**
 * `unsupported`: CUDA is offered on other platforms only. `otherVersion`: it is there for another version of the runtime,
 * and not used. `damaged`: files are missing or have another size, and it is not used.
 */
export type CudaState = 'unsupported' | 'none' | 'installed' | 'otherVersion' | 'damaged';

/** Where the provider comes from. */
export interface CudaArchive {
  /** Address, or path of a file. */
  readonly from: string;
  /** Lower-case hexadecimal. */
  readonly sha512: string;
  /** Whether the feed published the hash, or the user gave it. */
  readonly hashOrigin: 'feed' | 'user';
  /** Unknown where the user gave address and hash. */
  readonly sizeBytes?: number;
}

export interface MissingLibrary {
  readonly name: string;
  /** The library that asks for it. */
  readonly neededBy: string;
  /** Without it CUDA does not start; other libraries are asked for by a few operations. */
  readonly isNeeded: boolean;
}

/** How to get one product that libraries are missing of. */
export interface LibraryAdvice {
  /** Such as `CUDA 12`. */
  readonly product: string;
  readonly libraries: readonly string[];
  readonly ways: readonly LibraryWay[];
}

export interface LibraryWay {
  /** What the way is, in words. */
  readonly text: string;
  /** For a terminal. */
  readonly command?: string;
  readonly url?: string;
}

export interface CudaLibraries {
  readonly missing: readonly MissingLibrary[];
  readonly advice: readonly LibraryAdvice[];
}

export interface CudaStatus {
  readonly state: CudaState;
  /** Why it is not used, without a final full stop; of states other than `none` and `installed`. */
  readonly reason?: string;
  readonly folder: string;
  /** The version that is needed: the runtime's own. */
  readonly runtimeVersion: string;
  /** Of all in the folder. */
  readonly sizeBytes: number;
  /** What an interrupted installation has downloaded; it goes on from there. */
  readonly downloadedBytes: number;
  readonly archive?: CudaArchive;
  /** What the provider asks the system for; only where it is installed. */
  readonly libraries?: CudaLibraries;
}

export interface InstallCudaParams {
  /** Address or path of the archive, where it is not to come from the feed. */
  readonly from?: string;
  /** The archive's SHA-512, hexadecimal or base64, where the feed is not to be asked. */
  readonly sha512?: string;
  /** Service index of a NuGet feed, such as a mirror. */
  readonly feed?: string;
}

export interface InstallCudaResult extends CudaStatus {
  /** Nothing had to be fetched: it was there, and every file has its hash. */
  readonly wasInstalled: boolean;
}

export interface RemoveCudaResult {
  readonly folder: string;
  readonly freedBytes: number;
}
