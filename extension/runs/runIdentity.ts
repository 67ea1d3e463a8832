/** What a run is, from `run.json`, or from `request.json` while its process has not created it. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import type { RunRequest } from '../../engine/protocol/runs/queue.ts';
import { RUN_FILES, RUN_SCHEMA_VERSION, type RunRecord } from '../../engine/protocol/runs/runFolder.ts';

export interface RunIdentity {
  readonly name: string;
  readonly createdTime: number;
  /** Paths absolute; undefined where a newer version wrote the folder. */
  readonly configuration: RunConfiguration | undefined;
  /** The base checkpoint's folder name. */
  readonly model: string;
  /** Whether the run has its record: it can be resumed, and the CLI knows it. */
  readonly hasRecord: boolean;
  /** Why the folder cannot be read. */
  readonly problem: string | undefined;
}

/**
 * Undefined where the folder is no run. Reads at once: the files are small, and for a thousand runs waiting costs ten times
 * what reading does.
 */
export function readRunIdentity(folder: string): RunIdentity | undefined {
  const record = readJson(join(folder, RUN_FILES.record));
  if (record !== undefined) return identityOf(record, folder, true);
  const request = readJson(join(folder, RUN_FILES.request));
  return request === undefined ? undefined : identityOf(request, folder, false);
}

function identityOf(value: unknown, folder: string, hasRecord: boolean): RunIdentity {
  const { schemaVersion, name, createdTime, configuration } = (value ?? {}) as Partial<RunRecord & RunRequest>;
  const unreadable = { name: basename(folder), createdTime: 0, configuration: undefined, model: '', hasRecord };
  if (typeof schemaVersion !== 'number' || typeof name !== 'string' || typeof createdTime !== 'number') {
    return { ...unreadable, problem: `${RUN_FILES.record} is damaged` };
  }
  if (schemaVersion > RUN_SCHEMA_VERSION || typeof configuration?.base !== 'string') {
    return { ...unreadable, name, createdTime, problem: `${RUN_FILES.record} was written by a newer version` };
  }
  return { name, createdTime, configuration, model: basename(configuration.base), hasRecord, problem: undefined };
}

/** Undefined where there is no file; null where it is no JSON. */
function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
