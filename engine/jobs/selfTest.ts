/**
 * Proves devices by what they are for: the same small run is trained on each, in a process of its own since a driver may
 * abort it, and its losses are compared with those of the CPU.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CancelledError } from '../errors/expected.ts';
import type { DeviceName, DeviceReport, DeviceVerdict } from '../protocol/devices.ts';

const SAMPLE = join(import.meta.dirname, '..', '..', 'media', 'sample', 'support.neuroada.json');
const STEPS = 6;
/** Largest difference of a step's loss, as a share of the CPU's. */
const BOUND = 1e-3;
const SETTINGS = [
  'training.batchSize=2',
  'data.limit=16',
  'data.maxLength=48',
  'data.evaluation={"count":2}',
  'engine.plan="layered"',
];

const run = promisify(execFile);

/**
 * @param commandLine program and first arguments of the command line
 * @param reports of the devices; those that are not usable are left out
 * @param onDevice told before each
 */
export async function selfTest(
  commandLine: readonly [program: string, ...parameters: string[]],
  reports: readonly DeviceReport[],
  onDevice: (device: DeviceName) => void,
  signal: AbortSignal,
): Promise<readonly DeviceVerdict[]> {
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-self-test-'));
  const losses = async (device: DeviceName): Promise<readonly number[]> => {
    onDevice(device);
    return lossesOn(commandLine, device, join(folder, device), signal);
  };
  try {
    const expected = await losses('cpu');
    const verdicts: DeviceVerdict[] = [];
    for (const { device } of reports.filter((report) => report.isUsable && report.device !== 'cpu')) {
      verdicts.push(await losses(device).then((found) => verdictOf(device, expected, found), failureOf(device)));
      if (signal.aborted) throw new CancelledError();
    }
    return verdicts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lossesOn(
  [program, ...parameters]: readonly [string, ...string[]],
  device: DeviceName,
  output: string,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const settings = SETTINGS.flatMap((setting) => ['--set', setting]);
  const { stdout } = await run(
    program,
    [
      ...parameters,
      ...['train', SAMPLE, '--device', device, '--max-steps', String(STEPS), '--output', output, '--json', ...settings],
    ],
    { signal, maxBuffer: 1 << 26 },
  );
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type?: string; readonly loss?: number })
    .flatMap(({ type, loss }) => (type === 'step' && loss !== undefined ? [loss] : []));
}

function verdictOf(device: DeviceName, expected: readonly number[], found: readonly number[]): DeviceVerdict {
  if (found.length !== expected.length) {
    return { device, isRight: false, text: `took ${String(found.length)} of ${String(expected.length)} steps` };
  }
  const differences = expected.map((loss, step) => Math.abs((found[step] ?? NaN) - loss) / Math.abs(loss));
  const largest = differences.reduce((a, b) => (b <= a ? a : b), 0);
  const text = `losses of ${String(STEPS)} steps differ by at most ${largest.toExponential(1)} from the CPU's`;
  return { device, isRight: largest <= BOUND, text, largestDifference: largest };
}

function failureOf(device: DeviceName): (error: unknown) => DeviceVerdict {
  return (error) => {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
    const [last = message] = (stderr ?? '').trimEnd().split('\n').slice(-1);
    return { device, isRight: false, text: `training failed: ${last === '' ? message : last}` };
  };
}
