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
import type { Precision } from '../protocol/configuration/configuration.ts';
import type { DeviceName, DeviceReport, DeviceVerdict } from '../protocol/devices.ts';

const SAMPLE = join(import.meta.dirname, '..', '..', 'media', 'sample', 'support.neuroada.json');
const STEPS = 6;
/** Largest difference of a step's loss, as a share of the CPU's. */
const BOUNDS: Readonly<Record<Precision, number>> = { float32: 1e-3, float16: 5e-3 };
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
  const losses = async (trial: Trial): Promise<readonly number[]> => {
    onDevice(trial.device);
    return lossesOn(commandLine, trial, join(folder, `${trial.device}-${trial.precision ?? 'float32'}`), signal);
  };
  try {
    const expected = await losses({ device: 'cpu' });
    const verdicts: DeviceVerdict[] = [];
    for (const trial of trialsOf(reports)) {
      verdicts.push(await losses(trial).then((found) => verdictOf(trial, expected, found), failureOf(trial)));
      if (signal.aborted) throw new CancelledError();
    }
    return verdicts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is compared with the CPU. */
type Trial = Pick<DeviceVerdict, 'device' | 'precision'>;

function trialsOf(reports: readonly DeviceReport[]): readonly Trial[] {
  const usable = reports.filter((report) => report.isUsable && report.device !== 'cpu');
  return usable.flatMap(({ device, hasFloat16 }): Trial[] => [
    { device },
    ...(hasFloat16 === true ? [{ device, precision: 'float16' } as const] : []),
  ]);
}

async function lossesOn(
  [program, ...parameters]: readonly [string, ...string[]],
  { device, precision }: Trial,
  output: string,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const settings = SETTINGS.flatMap((setting) => ['--set', setting]);
  const { stdout } = await run(
    program,
    [
      ...parameters,
      ...['train', SAMPLE, '--device', device, '--precision', precision ?? 'float32'],
      ...['--max-steps', String(STEPS), '--output', output, '--json', ...settings],
    ],
    { signal, maxBuffer: 1 << 26 },
  );
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type?: string; readonly loss?: number })
    .flatMap(({ type, loss }) => (type === 'step' && loss !== undefined ? [loss] : []));
}

function verdictOf(trial: Trial, expected: readonly number[], found: readonly number[]): DeviceVerdict {
  if (found.length !== expected.length) {
    return { ...trial, isRight: false, text: `took ${String(found.length)} of ${String(expected.length)} steps` };
  }
  const differences = expected.map((loss, step) => Math.abs((found[step] ?? NaN) - loss) / Math.abs(loss));
  const largest = differences.reduce((a, b) => (b <= a ? a : b), 0);
  const text = `losses of ${String(STEPS)} steps differ by at most ${largest.toExponential(1)} from the CPU's`;
  return { ...trial, isRight: largest <= BOUNDS[trial.precision ?? 'float32'], text, largestDifference: largest };
}

function failureOf(trial: Trial): (error: unknown) => DeviceVerdict {
  return (error) => {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
    const [last = message] = (stderr ?? '').trimEnd().split('\n').slice(-1);
    return { ...trial, isRight: false, text: `training failed: ${last === '' ? message : last}` };
  };
}
