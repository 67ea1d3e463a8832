/** Why a device cannot be used and what would make it usable, read from how its probe ended. */
import type { DeviceName, DeviceReport } from '../../protocol/devices.ts';
import { cudaRemedy, cudaSituation } from './cudaRemedy.ts';
import type { ProbeEnd } from './probeOutcome.ts';
import type { Gpu } from './gpu.ts';
import type { Remedy } from './remedy.ts';

/** @param end how the probe ended; its outcome is not `usable` */
export async function unusableReport(device: DeviceName, end: ProbeEnd, gpus: readonly Gpu[]): Promise<DeviceReport> {
  return { device, isUsable: false, ...(await remedyOf(device, end, gpus)) };
}

async function remedyOf(device: DeviceName, end: ProbeEnd, gpus: readonly Gpu[]): Promise<Remedy> {
  if (end.outcome.kind === 'noProvider') return missingProvider(device);
  switch (device) {
    case 'cpu':
      return { reason: textOf(end), fix: 'Install the extension for this platform again: its runtime does not load.' };
    case 'webgpu':
      return webgpuRemedy(end, gpus);
    case 'cuda':
      return cudaRemedy(textOf(end), end.stderr, gpus, await cudaSituation());
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

function textOf({ outcome }: ProbeEnd): string {
  return outcome.kind === 'failed' || outcome.kind === 'died' ? outcome.text : outcome.kind;
}
