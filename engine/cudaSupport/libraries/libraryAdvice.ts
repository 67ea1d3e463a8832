/**
 * Which product a missing library belongs to, and how to get it. Names of packages: NVIDIA's installation guides for CUDA
 * and cuDNN on Linux, and the wheels that onnxruntime-gpu asks for; each was looked up for CUDA 12 and 13.
 */
import type { LibraryAdvice, LibraryWay } from '../../protocol/cuda.ts';

const DRIVER = 'libcuda.so.1';

/** A library of CUDA or cuDNN: its wheel's name, and whether its version is that of CUDA. */
interface Wheel {
  readonly name: string;
  readonly followsCuda: boolean;
}

const WHEELS: Readonly<Record<string, Wheel>> = {
  libcudart: { name: 'nvidia-cuda-runtime', followsCuda: true },
  libcublas: { name: 'nvidia-cublas', followsCuda: true },
  libcublasLt: { name: 'nvidia-cublas', followsCuda: true },
  libnvrtc: { name: 'nvidia-cuda-nvrtc', followsCuda: true },
  libnvJitLink: { name: 'nvidia-nvjitlink', followsCuda: true },
  libcufft: { name: 'nvidia-cufft', followsCuda: false },
  libcurand: { name: 'nvidia-curand', followsCuda: false },
};

/** The last package of a toolkit's runtime libraries; a later one of the same major version serves as well. */
const APT_LIBRARIES: Readonly<Record<number, string>> = { 12: 'cuda-libraries-12-9', 13: 'cuda-libraries-13-0' };
/** The oldest drivers, by NVIDIA's table of compatibility. */
const OLDEST_DRIVERS: Readonly<Record<number, string>> = { 12: '525.60', 13: '580' };

/** The version of CUDA that a provider was built for, from the names that it needs. */
function cudaMajor(names: readonly string[]): number | undefined {
  const versions = names.flatMap((name) => {
    const { stem, version } = partsOf(name);
    return WHEELS[stem]?.followsCuda === true && version !== undefined ? [version] : [];
  });
  return versions.length === 0 ? undefined : Math.max(...versions);
}

/**
 * @param missing names such as `libcublas.so.12`
 * @param needed all that the provider needs, found or not
 * @param folder where libraries are found that belong to nothing else
 */
export function libraryAdvice(
  missing: readonly string[],
  needed: readonly string[],
  folder: string,
): readonly LibraryAdvice[] {
  const cuda = cudaMajor(needed);
  const isToolkit = (name: string): boolean => WHEELS[partsOf(name).stem] !== undefined;
  const isCudnn = (name: string): boolean => partsOf(name).stem.startsWith('libcudnn');
  const drivers = missing.filter((name) => name === DRIVER);
  const toolkit = missing.filter(isToolkit);
  const cudnn = missing.filter(isCudnn);
  const others = missing.filter((name) => name !== DRIVER && !isToolkit(name) && !isCudnn(name));
  return [
    ...product("NVIDIA's driver", drivers, () => driverWays(cuda)),
    ...product(cuda === undefined ? 'CUDA' : `CUDA ${String(cuda)}`, toolkit, () =>
      toolkitWays(needed.filter(isToolkit), cuda, folder),
    ),
    ...product('cuDNN 9', cudnn, () => cudnnWays(cuda, folder)),
    ...product('the system', others, () => [{ text: "Install the system's package that contains it." }]),
  ];
}

function product(name: string, libraries: readonly string[], ways: () => readonly LibraryWay[]): LibraryAdvice[] {
  return libraries.length === 0 ? [] : [{ product: name, libraries, ways: ways() }];
}

function driverWays(cuda: number | undefined): LibraryWay[] {
  const oldest = cuda === undefined ? undefined : OLDEST_DRIVERS[cuda];
  const version = oldest === undefined ? '' : ` (${oldest} or newer for CUDA ${String(cuda)})`;
  return [
    {
      text: `Install the driver of the system's package manager or from NVIDIA${version}. In a container: start it with its GPUs (docker run --gpus all).`,
      url: 'https://www.nvidia.com/drivers',
    },
  ];
}

function toolkitWays(needed: readonly string[], cuda: number | undefined, folder: string): LibraryWay[] {
  const wheels = [...new Set(needed.map((name) => wheelOf(name, cuda)))];
  const apt = cuda === undefined ? undefined : APT_LIBRARIES[cuda];
  return [
    pipWay(wheels, `${folder}/cuda`),
    ...aptWay(apt),
    { text: "Or by NVIDIA's installer.", url: 'https://developer.nvidia.com/cuda-toolkit-archive' },
  ];
}

function cudnnWays(cuda: number | undefined, folder: string): LibraryWay[] {
  const suffix = String(cuda ?? 12);
  return [
    pipWay([`nvidia-cudnn-cu${suffix}==9.*`], `${folder}/cudnn`),
    ...aptWay(`cudnn9-cuda-${suffix}`),
    { text: "Or by NVIDIA's installer.", url: 'https://developer.nvidia.com/cudnn-downloads' },
  ];
}

/** Replaces what the folder held: pip passes over a wheel whose folder `nvidia` another one has made. */
function pipWay(wheels: readonly string[], folder: string): LibraryWay {
  const names = wheels.map((wheel) => `'${wheel}'`).join(' ');
  const command = `python3 -m pip install --upgrade --target '${folder}' ${names}`;
  return { text: 'For NeuroAda alone, without touching the system, if Python is at hand:', command };
}

function aptWay(name: string | undefined): LibraryWay[] {
  if (name === undefined) return [];
  return [{ text: "For the whole system, from NVIDIA's apt repository:", command: `sudo apt install ${name}` }];
}

/** Up to CUDA 12 the names of wheels end in its version; from 13 on their own version tells. */
function wheelOf(library: string, cuda = 12): string {
  const { stem, version } = partsOf(library);
  const { name } = WHEELS[stem]!;
  return cuda <= 12 ? `${name}-cu${String(cuda)}` : `${name}==${String(version ?? cuda)}.*`;
}

/** `libcublas.so.12` is `libcublas` and 12. */
function partsOf(name: string): { readonly stem: string; readonly version: number | undefined } {
  const match = /^(lib[^.]+)\.so(?:\.(\d+))?/.exec(name);
  return { stem: match?.[1] ?? name, version: match?.[2] === undefined ? undefined : Number(match[2]) };
}
