/** Engine processes outlive the editor on purpose; after a journey none may. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RUN_FILES, type RunProcess } from '../../../engine/protocol/runs/runFolder.ts';

/** The pid of the live process of a run, as its folder says. */
export async function runPid(runFolder: string): Promise<number | undefined> {
  try {
    return (JSON.parse(await readFile(join(runFolder, RUN_FILES.process), 'utf8')) as RunProcess).pid;
  } catch {
    return undefined;
  }
}

/** Kills the process of every run below the folder. */
export async function endRuns(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  const runFolders = names.filter((name) => name.endsWith(`/${RUN_FILES.process}`));
  for (const name of runFolders) {
    const pid = await runPid(join(folder, name, '..'));
    if (pid !== undefined) killProcess(pid);
  }
}

/** Does nothing where the process is gone. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
