/** The link to a run's live process, found through the control file in its folder. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunControl } from '../../engine/protocol/runs/queue.ts';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import type { EngineConnection } from './engineConnection.ts';

/** `none`: no process offers control of the run; `dead`: one did and is gone. */
export type RunLink = EngineConnection | 'none' | 'dead';

const GONE = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET']);

/** Whether a process says that it drives the run. */
export function offersControl(runFolder: string): boolean {
  return existsSync(join(runFolder, RUN_FILES.control));
}

export async function connectRun(runFolder: string): Promise<RunLink> {
  const control = readControl(runFolder);
  if (control === undefined) return 'none';
  const { connectEngine } = await import('./engineConnection.ts');
  try {
    return await connectEngine(control.address, control.token);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && GONE.has(code)) return 'dead';
    throw error;
  }
}

function readControl(runFolder: string): RunControl | undefined {
  if (!offersControl(runFolder)) return undefined;
  try {
    return JSON.parse(readFileSync(join(runFolder, RUN_FILES.control), 'utf8')) as RunControl;
  } catch {
    return undefined;
  }
}
