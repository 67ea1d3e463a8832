/** Settles the device of a run: the one that was asked for, or the best one that training can use here, and why. */
import type { DeviceName, DeviceReport } from '../../protocol/devices.ts';
import { resolveDevice, type DeviceChoice } from '../../runtime/deviceChoice.ts';
import { probeDevices } from '../../runtime/probe/deviceProbe.ts';
import { listGpus } from '../../runtime/probe/gpu.ts';

/** Devices that `auto` chooses from: on others weights would travel in every step. */
const AUTO_DEVICES: readonly DeviceName[] = ['cpu', 'webgpu'];

/** @throws ExpectedError `runtime/deviceUnusable` where the device asked for is unusable */
export async function settleDevice(asked: DeviceName | 'auto'): Promise<DeviceChoice> {
  if (asked === 'cpu') return { device: 'cpu', reasons: ['the CPU was asked for'] };
  if (asked !== 'auto') return resolveDevice(asked, await probeDevices({ devices: [asked] }));
  if (await hasNoGpu()) return { device: 'cpu', reasons: ['on the CPU: this machine has no GPU'] };
  return resolveDevice('auto', await probeDevices({ devices: AUTO_DEVICES }));
}

/** The device that `auto` takes, by reports on all. */
export function recommendedDevice(reports: readonly DeviceReport[]): DeviceName {
  return resolveDevice(
    'auto',
    reports.filter(({ device }) => AUTO_DEVICES.includes(device)),
  ).device;
}

/** Linux lists every GPU; elsewhere only a probe tells. */
async function hasNoGpu(): Promise<boolean> {
  return process.platform === 'linux' && (await listGpus()).length === 0;
}
