/**
 * Memory limits of the Linux control groups (version 1 and 2) that the process lives in: its own group and every group
 * around it, each with what is used of it. Sources: the kernel's cgroup-v2.rst and cgroup-v1/memory.rst.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface ControlGroupMemory {
  readonly limitBytes: number;
  /** Limit less use, where file pages that the kernel can drop at once count as free. */
  readonly availableBytes: number;
}

interface Hierarchy {
  readonly mount: string;
  /** Path of the process's group below the mount. */
  readonly group: string;
  readonly files: { readonly limit: string; readonly usage: string; readonly inactiveFile: string };
}

const VERSION_1 = {
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  inactiveFile: 'total_inactive_file',
} as const;

const VERSION_2 = { limit: 'memory.max', usage: 'memory.current', inactiveFile: 'inactive_file' } as const;

/** Groups that have a limit, from the innermost outwards; none where the process is not limited. */
export function readControlGroupMemory(root: string): ControlGroupMemory[] {
  return hierarchies(root).flatMap((hierarchy) =>
    groupFolders(hierarchy).flatMap((folder) => readGroup(folder, hierarchy.files) ?? []),
  );
}

function hierarchies(root: string): Hierarchy[] {
  const mount = join(root, 'sys/fs/cgroup');
  const lines = (readIfPresent(join(root, 'proc/self/cgroup')) ?? '').split('\n');
  return lines.flatMap((line): Hierarchy[] => {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match === null) return [];
    const [, controllers = '', group = ''] = match;
    if (controllers === '') return [{ mount, group, files: VERSION_2 }];
    if (controllers.split(',').includes('memory')) return [{ mount: join(mount, 'memory'), group, files: VERSION_1 }];
    return [];
  });
}

/** Inside a container the group's path may be the host's, of which only the mount itself is seen. */
function groupFolders({ mount, group }: Hierarchy): string[] {
  const folders: string[] = [];
  for (let path = join('/', group); path !== '/'; path = dirname(path)) folders.push(join(mount, path));
  return [...folders, mount];
}

function readGroup(folder: string, files: Hierarchy['files']): ControlGroupMemory | undefined {
  const limitBytes = Number(readIfPresent(join(folder, files.limit)));
  const usageBytes = Number(readIfPresent(join(folder, files.usage)));
  if (!Number.isFinite(limitBytes) || !Number.isFinite(usageBytes)) return undefined;
  const stat = readIfPresent(join(folder, 'memory.stat')) ?? '';
  const inactiveFile = new RegExp(`^${files.inactiveFile} (\\d+)$`, 'm').exec(stat);
  const usedBytes = Math.max(0, usageBytes - Number(inactiveFile?.[1] ?? 0));
  return { limitBytes, availableBytes: Math.max(0, limitBytes - usedBytes) };
}

/** Groups that the container does not see, and the root group, lack these files. */
function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
