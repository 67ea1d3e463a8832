/** Chooses the device of a run: the one that was asked for, or the best usable one with the reasons against better ones. */
import { ExpectedError } from '../errors/expected.ts';
import type { DeviceName, DeviceReport } from '../protocol/devices.ts';

export interface DeviceChoice {
  readonly device: DeviceName;
  /** In words, for the run's log. */
  readonly reasons: readonly string[];
}

/** From the best to the last resort; on WebGPU everything stays on the device, with DirectML the weights alone. */
const PREFERENCE: readonly DeviceName[] = ['cuda', 'webgpu', 'directml', 'cpu'];

/**
 * @param asked `auto`, or a device that must be used
 * @throws ExpectedError `runtime/deviceUnusable` where the device asked for (or, with auto, every device) is unusable
 */
export function resolveDevice(asked: DeviceName | 'auto', reports: readonly DeviceReport[]): DeviceChoice {
  if (asked === 'auto') return bestDevice(reports);
  const report = reports.find(({ device }) => device === asked);
  if (report?.isUsable !== true) throw unusable(asked, report);
  return { device: asked, reasons: [`${describe(report)} was asked for`] };
}

function bestDevice(reports: readonly DeviceReport[]): DeviceChoice {
  const ranked = PREFERENCE.flatMap((device) => reports.find((report) => report.device === device) ?? []);
  const cpu = reports.find(({ device }) => device === 'cpu');
  const best = ranked.find((report) => objection(report, cpu) === undefined);
  if (best === undefined) throw unusable('cpu', cpu);
  const better = ranked.slice(0, ranked.indexOf(best));
  const rejections = better.map((report) => `not ${report.device}: ${objection(report, cpu)!}`);
  return { device: best.device, reasons: [`${describe(best)} is the best usable device`, ...rejections] };
}

/** Why `auto` does not take a device; a GPU that is slower than the CPU is most likely emulated by it. */
function objection(report: DeviceReport, cpu: DeviceReport | undefined): string | undefined {
  if (!report.isUsable) return report.reason ?? 'it is unusable';
  const rate = report.gigaflopsPerSecond;
  const cpuRate = cpu?.isUsable === true ? cpu.gigaflopsPerSecond : undefined;
  if (rate === undefined || cpuRate === undefined || rate >= cpuRate) return undefined;
  return `it is slower than the CPU here (${rate.toFixed(1)} against ${cpuRate.toFixed(1)} GFLOP/s)`;
}

function describe(report: DeviceReport): string {
  return report.name === undefined ? report.device : `${report.device} (${report.name})`;
}

function unusable(device: DeviceName, report: DeviceReport | undefined): ExpectedError {
  return new ExpectedError(
    'runtime/deviceUnusable',
    `the device ${device} cannot be used: ${report?.reason ?? 'it was not probed'}`,
    report?.fix ?? 'Use another device, or `auto`.',
    { field: 'device' },
  );
}
