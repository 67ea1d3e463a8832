/** Whether the process that drives a run lives, from `process.json`, for runs that offer no control channel. */
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { RUN_FILES, type RunProcess } from '../../engine/protocol/runs/runFolder.ts';

/** `absent`: the run ended in an orderly way, or was never driven; `elsewhere`: another machine may drive it. */
export type Liveness = 'absent' | 'alive' | 'dead' | 'elsewhere';

export interface RunDriver {
  readonly liveness: Liveness;
  readonly process: RunProcess | undefined;
}

export function readRunDriver(folder: string): RunDriver {
  const file = join(folder, RUN_FILES.process);
  if (!existsSync(file)) return { liveness: 'absent', process: undefined };
  let record: RunProcess;
  try {
    record = JSON.parse(readFileSync(file, 'utf8')) as RunProcess;
  } catch {
    return { liveness: 'absent', process: undefined };
  }
  if (record.host !== hostname()) return { liveness: 'elsewhere', process: record };
  return { liveness: isAlive(record) ? 'alive' : 'dead', process: record };
}

function isAlive(record: RunProcess): boolean {
  if (process.platform === 'linux' && record.identity !== undefined) {
    return linuxIdentity(record.pid) === record.identity;
  }
  try {
    process.kill(record.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Boot id and start tick (proc_pid_stat(5), field 22); undefined for a process that is gone or a zombie. */
function linuxIdentity(pid: number): string | undefined {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${bootId}:${String(fields[19])}`;
  } catch {
    return undefined;
  }
}
