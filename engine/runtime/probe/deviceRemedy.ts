/** Why a device cannot be used and what would make it usable, read from how its probe ended. */
import type { DeviceName, DeviceReport } from '../../protocol/devices.ts';
import type { ProbeEnd } from './deviceProbe.ts';
import type { Gpu } from './gpu.ts';

/** Two strings of a report: the reason without a final full stop, and the remedy as a sentence. */
interface Remedy {
  readonly reason: string;
  readonly fix: string;
}

/** @param end how the probe ended; its outcome is not `usable` */
export function unusableReport(device: DeviceName, end: ProbeEnd, gpus: readonly Gpu[]): DeviceReport {
  return { device, isUsable: false, ...remedyOf(device, end, gpus) };
}

function remedyOf(device: DeviceName, end: ProbeEnd, gpus: readonly Gpu[]): Remedy {
  if (end.outcome.kind === 'noProvider') return missingProvider(device);
  switch (device) {
    case 'cpu':
      return { reason: textOf(end), fix: 'Install the extension for this platform again: its runtime does not load.' };
    case 'webgpu':
      return webgpuRemedy(end, gpus);
    case 'cuda':
      return cudaRemedy(end, gpus);
    case 'directml':
      return { reason: textOf(end), fix: 'Update Windows and the graphics driver; DirectML needs DirectX 12.' };
  }
}

function missingProvider(device: DeviceName): Remedy {
  const here = `${process.platform}-${process.arch}`;
  const platforms: Readonly<Record<DeviceName, string>> = {
    cpu: 'linux-x64, linux-arm64, win32-x64, win32-arm64 and darwin-arm64',
    webgpu: 'linux-x64, win32-x64, win32-arm64 and darwin-arm64',
    cuda: 'linux-x64',
    directml: 'win32-x64 and win32-arm64',
  };
  return {
    reason: `the runtime has no ${device} provider for ${here}`,
    fix: `It exists on ${platforms[device]}: use another device here.`,
  };
}

function webgpuRemedy(end: ProbeEnd, gpus: readonly Gpu[]): Remedy {
  if (/couldn't load vulkan/i.test(end.stderr)) {
    return {
      reason: 'the Vulkan loader (libvulkan.so.1) is not installed',
      fix: "Install it (Debian, Ubuntu: `apt install libvulkan1`; Fedora: `dnf install vulkan-loader`) with your GPU's driver.",
    };
  }
  if (/no supported adapters|failed to get a webgpu adapter/i.test(textOf(end))) {
    const [gpu] = gpus;
    return gpu === undefined
      ? { reason: 'no GPU was found', fix: 'Use the CPU, or a machine or container that has (or is given) a GPU.' }
      : {
          reason: `${gpu.name} was found, but its driver offers no adapter`,
          fix: `Install or update the graphics driver of ${gpu.vendor}${process.platform === 'linux' ? ', with Vulkan support (`vulkaninfo` tests it)' : ''}.`,
        };
  }
  return { reason: textOf(end), fix: 'Update the graphics driver, or use another device.' };
}

function cudaRemedy(end: ProbeEnd, gpus: readonly Gpu[]): Remedy {
  if (!gpus.some((gpu) => gpu.vendor === 'NVIDIA')) {
    return { reason: 'no NVIDIA GPU was found', fix: 'CUDA needs an NVIDIA GPU and its driver: use another device.' };
  }
  const missing = /(lib[\w.+-]+\.so[\w.]*): cannot open shared object file/.exec(end.stderr)?.[1];
  if (missing?.startsWith('libonnxruntime_providers') === true) {
    return { reason: 'the CUDA provider is not installed', fix: 'Run "NeuroAda: Install CUDA Support".' };
  }
  if (missing !== undefined) {
    return {
      reason: `the library ${missing} was not found`,
      fix: 'Install CUDA 12 and cuDNN 9, and make sure that the loader finds them (LD_LIBRARY_PATH).',
    };
  }
  return { reason: textOf(end), fix: "Update NVIDIA's driver to one for CUDA 12, or use another device." };
}

function textOf({ outcome }: ProbeEnd): string {
  return outcome.kind === 'failed' || outcome.kind === 'died' ? outcome.text : outcome.kind;
}
