/** Tells whether a recorded engine process still lives, even where its pid was given to another process since. */
import { readFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { systemErrorCode } from '../files/systemError.ts';
import type { RunProcess } from '../protocol/runs/runFolder.ts';

/** `unknown`: it runs, or ran, on another machine. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** Clocks and boot times agree no better than this. */
const CLOCK_SLACK_MS = 10_000;

/** The record of this process. */
export function thisProcess(startedTime: number, address?: string): RunProcess {
  const identity = processIdentity(process.pid)?.identity;
  return {
    pid: process.pid,
    host: hostname(),
    startedTime,
    ...(identity === undefined ? {} : { identity }),
    ...(address === undefined ? {} : { address }),
  };
}

/**
 * Whether the process lives. On Linux its boot id and start tick decide; elsewhere its pid, and whether the machine
 * has been restarted since.
 */
export function livenessOf(record: RunProcess): Liveness {
  if (record.host !== hostname()) return 'unknown';
  if (record.identity !== undefined && process.platform === 'linux') {
    const found = processIdentity(record.pid);
    return found?.identity === record.identity && !found.isZombie ? 'alive' : 'dead';
  }
  const bootTime = Date.now() - uptime() * 1000;
  if (record.startedTime < bootTime - CLOCK_SLACK_MS) return 'dead';
  return isPidTaken(record.pid) ? 'alive' : 'dead';
}

/** From /proc (proc_pid_stat(5): field 3 is the state, field 22 the start time in ticks since boot). */
function processIdentity(pid: number): { identity: string; isZombie: boolean } | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    return { identity: `${bootId}:${String(fields[19])}`, isZombie: state === 'Z' || state === 'X' };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

function isPidTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}
