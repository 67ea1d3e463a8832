/** Lists the devices of this machine: usable or not, and why. */
import type { DevicesResult } from '../protocol/rpc.ts';
import { probeDevices } from '../runtime/probe/deviceProbe.ts';

/** The device that training takes with `auto` is the CPU: on a GPU, weights would travel to it in every step. */
export async function devicesJob(): Promise<DevicesResult> {
  return { devices: await probeDevices(), recommended: 'cpu' };
}
