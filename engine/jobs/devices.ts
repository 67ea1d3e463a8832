/** Lists the devices of this machine: usable or not, and why. */
import type { DevicesResult } from '../protocol/rpc.ts';
import { probeDevices } from '../runtime/probe/deviceProbe.ts';
import { recommendedDevice } from './preparation/deviceSettling.ts';

export async function devicesJob(): Promise<DevicesResult> {
  const devices = await probeDevices();
  return { devices, recommended: recommendedDevice(devices) };
}
