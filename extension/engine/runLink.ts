/** The link to a run's live process, found through the control file in its folder. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunControl } from '../../engine/protocol/queue.ts';
import { RUN_FILES } from '../../engine/protocol/runFolder.ts';
import type { EngineConnection } from './engineConnection.ts';

/** `none`: no process offers control of the run; `dead`: one did and is gone. */
export type RunLink = EngineConnection | 'none' | 'dead';

const GONE = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET']);

export async function connectRun(runFolder: string): Promise<RunLink> {
  const control = await readControl(runFolder);
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

async function readControl(runFolder: string): Promise<RunControl | undefined> {
  try {
    return JSON.parse(await readFile(join(runFolder, RUN_FILES.control), 'utf8')) as RunControl;
  } catch {
    return undefined;
  }
}
