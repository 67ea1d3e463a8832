/**
 * Limits that the process itself was started under on Linux (`ulimit -v`, `ulimit -d`), each with what is used of it: beyond
 * them allocations fail, however much memory the machine has. Sources: setrlimit(2), proc_pid_limits(5), proc_pid_status(5).
 */
import { readFileSync } from 'node:fs';

export interface ProcessLimit {
  readonly limitBytes: number;
  readonly availableBytes: number;
}

/** The limit's name in `limits`, and in `status` what counts towards it. */
const LIMITS = [
  ['Max address space', 'VmSize'],
  ['Max data size', 'VmData'],
] as const;

/** Limits that are set; none where the process is not limited. */
export function readProcessLimits(root: string): ProcessLimit[] {
  const limits = readIfPresent(`${root}/proc/self/limits`);
  const status = readIfPresent(`${root}/proc/self/status`);
  return LIMITS.flatMap(([name, field]) => {
    const limitBytes = Number(new RegExp(`^${name} +(\\S+)`, 'm').exec(limits)?.[1]);
    const usedBytes = Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
    // `unlimited` is no number.
    if (!Number.isFinite(limitBytes) || !Number.isFinite(usedBytes)) return [];
    return [{ limitBytes, availableBytes: Math.max(0, limitBytes - usedBytes) }];
  });
}

/** A file that the system may not offer, or not to this process. */
function readIfPresent(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES') return '';
    throw error;
  }
}
