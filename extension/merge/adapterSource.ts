/** What can be merged: runs, adapter folders, and the adapter's file, told from where a command was called. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Uri } from 'vscode';
import { ADAPTER_FILES, RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';

export interface AdapterSource {
  /** Absolute path of the adapter's folder. */
  readonly folder: string;
  /** The run's or folder's name. */
  readonly name: string;
  /** The run that made it, where it lies in one. */
  readonly runFolder: string | undefined;
  /** Where the base was when the adapter was trained. */
  readonly base: string | undefined;
}

/** Undefined where the resource holds no adapter. */
export async function adapterOf(resource: Uri): Promise<AdapterSource | undefined> {
  const path = resource.fsPath;
  const name = basename(path);
  if (name === ADAPTER_FILES.model || name === ADAPTER_FILES.config) return readAdapter(dirname(path));
  return (await readAdapter(path)) ?? (await readAdapter(join(path, RUN_FILES.adapter)));
}

async function readAdapter(folder: string): Promise<AdapterSource | undefined> {
  if (!(await isFile(join(folder, ADAPTER_FILES.model)))) return undefined;
  const parent = dirname(folder);
  const isInRun = basename(folder) === RUN_FILES.adapter && (await isFile(join(parent, RUN_FILES.record)));
  return {
    folder,
    name: basename(isInRun ? parent : folder),
    runFolder: isInRun ? parent : undefined,
    base: await baseOf(folder),
  };
}

async function baseOf(folder: string): Promise<string | undefined> {
  try {
    const config = JSON.parse(await readFile(join(folder, ADAPTER_FILES.config), 'utf8')) as Record<string, unknown>;
    const base = config['base_model_name_or_path'];
    return typeof base === 'string' && (await isFile(join(base, 'config.json'))) ? base : undefined;
  } catch {
    return undefined;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
