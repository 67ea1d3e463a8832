/** Memory in bytes: what this process uses, and what the machine (or the container, or limits of the process) still has. */
import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { readControlGroupMemory } from './controlGroupMemory.ts';
import { readProcessLimits } from './processLimits.ts';

export interface ProcessMemory {
  readonly residentBytes: number;
  /** The largest resident memory since the process started. */
  readonly peakBytes: number;
}

export interface MachineMemory {
  readonly totalBytes: number;
  /** What can be had without swapping and without being killed. */
  readonly availableBytes: number;
}

export function processMemory(): ProcessMemory {
  const residentBytes = process.memoryUsage.rss();
  const peakBytes =
    process.platform === 'linux'
      ? kibibytesField(readFileSync('/proc/self/status', 'utf8'), 'VmHWM')
      : process.resourceUsage().maxRSS * 1024;
  // The kernel counts resident pages per thread and adds them up late, so the peak may lag behind.
  return { residentBytes, peakBytes: Math.max(residentBytes, peakBytes) };
}

/** @param root folder that holds `proc` and `sys`; another than `/` in tests only */
export function machineMemory(root = '/'): MachineMemory {
  if (process.platform !== 'linux') return { totalBytes: totalmem(), availableBytes: freemem() };
  const meminfo = readFileSync(`${root}/proc/meminfo`, 'utf8');
  const totalBytes = kibibytesField(meminfo, 'MemTotal');
  const availableBytes = kibibytesField(meminfo, 'MemAvailable');
  const limits = readControlGroupMemory(root);
  return {
    totalBytes: Math.min(totalBytes, ...limits.map((limit) => limit.limitBytes)),
    availableBytes: Math.min(availableBytes, ...limits.map((limit) => limit.availableBytes)),
  };
}

/**
 * What a process that begins its work can have: like the machine's, within the limits of the process itself. They count
 * memory that was asked for and not yet used, so they tell nothing about a process that has worked for a while.
 *
 * @param root as above
 */
export function allocatableBytes(root = '/'): number {
  const { availableBytes } = machineMemory(root);
  if (process.platform !== 'linux') return availableBytes;
  return Math.min(availableBytes, ...readProcessLimits(root).map((limit) => limit.availableBytes));
}

/** Below this share of the machine's memory left, systems begin to swap or to kill. */
const RESERVE_SHARE = 0.03;

/** Memory that is nearly used up: the machine's, or what a process was granted. */
export interface MemoryShortage {
  readonly scope: 'machine' | 'budget';
  /** In words. */
  readonly text: string;
}

/** @param budgetBytes what this process may take, where that is limited */
export function memoryShortage(budgetBytes: number | undefined): MemoryShortage | undefined {
  const megabytes = (bytes: number): string => `${String(Math.round(bytes / 1e6))} MB`;
  const { totalBytes, availableBytes } = machineMemory();
  if (availableBytes < totalBytes * RESERVE_SHARE) {
    const text = `${megabytes(availableBytes)} of the machine's ${megabytes(totalBytes)} are left`;
    return { scope: 'machine', text };
  }
  const { residentBytes } = processMemory();
  if (budgetBytes === undefined || residentBytes <= budgetBytes) return undefined;
  const text = `the process takes ${megabytes(residentBytes)}, and its budget is ${megabytes(budgetBytes)}`;
  return { scope: 'budget', text };
}

/** The value of a line such as `VmHWM:    1234 kB`. */
function kibibytesField(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(text);
  if (match === null) throw new Error(`no field ${name} in:\n${text}`);
  return Number(match[1]) * 1024;
}
