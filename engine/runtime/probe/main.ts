/** Entry of the probe's child process: computes on the device that is given as argument and reports the outcome. */
import { availableParallelism } from 'node:os';
import { ExpectedError } from '../../errors/expected.ts';
import type { DeviceName } from '../../protocol/devices.ts';
import { CAPABILITIES } from '../capabilities.ts';
import { supportedDevices } from '../onnxRuntime.ts';
import { computesFloat16, measureGigaflopsPerSecond, smallProduct } from './matrixProducts.ts';
import type { ProbeOutcome } from './probeOutcome.ts';

async function probe(device: DeviceName): Promise<ProbeOutcome> {
  if (!(await supportedDevices()).includes(device)) return { kind: 'noProvider' };
  const threads = availableParallelism();
  const options = { name: 'probe', device, threads, forbidsCpuFallback: device !== 'cpu' };
  try {
    const found = (await smallProduct(options)).join(', ');
    if (found !== '7, 10, 15, 22') {
      return { kind: 'failed', text: `a matrix product came out as ${found} instead of 7, 10, 15, 22` };
    }
    const gigaflopsPerSecond = await measureGigaflopsPerSecond(options);
    if (!CAPABILITIES[device].allowsFloat16) return { kind: 'usable', gigaflopsPerSecond };
    // Told before, in case the driver dies of what comes next.
    process.send?.({ kind: 'usable', gigaflopsPerSecond, hasFloat16: false });
    return { kind: 'usable', gigaflopsPerSecond, hasFloat16: await computesFloat16(options) };
  } catch (error) {
    return { kind: 'failed', text: textOf(error) };
  }
}

/** Without its remedy, which is the parent's to tell. */
function textOf(error: unknown): string {
  if (error instanceof ExpectedError) return error.problem;
  return error instanceof Error ? error.message : String(error);
}

const outcome = await probe(process.argv[2] as DeviceName);
process.send?.(outcome, () => process.exit(0));
