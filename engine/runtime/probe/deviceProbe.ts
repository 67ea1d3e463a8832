/**
 * Finds out which devices can compute here, each in a child process of its own, since a driver may abort its process or
 * hang.
 */
import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { DEVICE_NAMES, type DeviceName, type DeviceReport } from '../../protocol/devices.ts';
import { machineMemory } from '../memory.ts';
import { unusableReport } from './deviceRemedy.ts';
import { listGpus, type Gpu } from './gpu.ts';
import type { ProbeEnd, ProbeOutcome } from './probeOutcome.ts';

export interface ProbeOptions {
  /** All by default. */
  readonly devices?: readonly DeviceName[];
  /** A first run compiles shaders, which has taken 6 s. */
  readonly timeoutMs?: number;
  /** Program that is started instead of the probe; in tests only. */
  readonly entry?: string;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const STDERR_LENGTH = 4096;

/** Beside this file in a clone, and beside the bundle in a package. */
const PROBE_ENTRY = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? 'main.ts' : 'probe.mjs');

/** A report on each device, in the order of preference from the last resort up. */
export async function probeDevices(options: ProbeOptions = {}): Promise<DeviceReport[]> {
  const gpus = await listGpus();
  const reports: DeviceReport[] = [];
  // One after the other, since each is timed.
  for (const device of options.devices ?? DEVICE_NAMES) {
    const end = await runProbe(device, options);
    reports.push(
      end.outcome.kind === 'usable' ? usableReport(device, end.outcome, gpus) : await unusableReport(device, end, gpus),
    );
  }
  return reports;
}

function runProbe(device: DeviceName, options: ProbeOptions): Promise<ProbeEnd> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return new Promise((resolve) => {
    const child = fork(options.entry ?? PROBE_ENTRY, [device], { silent: true, execArgv: [] });
    let stderr = '';
    let outcome: ProbeOutcome | undefined;
    let isLate = false;
    const end = (text: string): void => {
      clearTimeout(timer);
      resolve({ outcome: outcome ?? { kind: 'died', text }, stderr });
    };
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-STDERR_LENGTH);
    });
    child.stdout?.resume();
    child.on('message', (message) => {
      outcome = message as ProbeOutcome;
    });
    child.on('error', (error) => {
      end(`the probe could not be started: ${error.message}`);
    });
    child.on('close', (code, signal) => {
      if (isLate) end(`the driver gave no answer within ${timeoutMs / 1000} s`);
      else end(`the driver ended the process (${signal ?? `exit code ${String(code)}`})`);
    });
  });
}

function usableReport(
  device: DeviceName,
  { gigaflopsPerSecond, hasFloat16 }: Extract<ProbeOutcome, { kind: 'usable' }>,
  gpus: readonly Gpu[],
): DeviceReport {
  const measured = { gigaflopsPerSecond, ...(hasFloat16 !== undefined && { hasFloat16 }) };
  return { device, isUsable: true, ...measured, ...hardwareOf(device, gpus) };
}

function hardwareOf(device: DeviceName, gpus: readonly Gpu[]): { name?: string; memoryBytes?: number } {
  if (device === 'cpu') {
    const [first] = cpus();
    const { totalBytes } = machineMemory();
    return { ...(first !== undefined && { name: first.model.trim() }), memoryBytes: totalBytes };
  }
  const [gpu, ...others] = device === 'cuda' ? gpus.filter(({ vendor }) => vendor === 'NVIDIA') : gpus;
  // CUDA takes the first GPU; the other providers do not tell which of several they took.
  if (gpu === undefined || (device !== 'cuda' && others.length > 0)) return {};
  return { name: gpu.name, ...(gpu.memoryBytes !== undefined && { memoryBytes: gpu.memoryBytes }) };
}
