/** What a file or folder that a command was called on stands for. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { l10n } from 'vscode';
import type { ConnectionSource } from '../../engine/protocol/connections/connectionSource.ts';
import { ADAPTER_FILES, RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { askHypothetical } from './hypotheticalSelection.ts';

/** Names in a run's checkpoint folder and in a Hugging Face checkpoint. */
const STATE_FILE = 'state.safetensors';
const MODEL_CONFIG = 'config.json';

/**
 * Undefined where the user gave up a question, or the path is a safetensors file without connections.
 * @throws Error for a folder that holds nothing to inspect
 */
export async function sourceOfPath(jobs: JobsEngine, path: string): Promise<ConnectionSource | undefined> {
  if (!(await stat(path)).isDirectory()) return identified(jobs, path);
  if (await isFile(join(path, RUN_FILES.record))) return { kind: 'run', folder: path, at: 'newest' };
  for (const name of [ADAPTER_FILES.model, RUN_FILES.selection, STATE_FILE]) {
    const source = (await isFile(join(path, name))) ? await identified(jobs, join(path, name)) : undefined;
    if (source !== undefined) return source;
  }
  if (await isFile(join(path, MODEL_CONFIG))) return askHypothetical(jobs, path);
  throw new Error(l10n.t('{0} is neither a run, an adapter, a selection nor a checkpoint.', path));
}

async function identified(jobs: JobsEngine, path: string): Promise<ConnectionSource | undefined> {
  const found = await jobs.run('inspection/identify', { path }, new AbortController().signal);
  return found.kind === 'connections' ? found.source : undefined;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}
