/** Finds the adapter that a path means: a run, an adapter folder, or the adapter's own file. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ExpectedError } from '../errors/expected.ts';
import { explainSystemError, systemErrorCode } from '../files/systemError.ts';
import { ADAPTER_FILES, RUN_FILES } from '../protocol/runs/runFolder.ts';
import { summarizeRun } from './runOverview.ts';

/**
 * The absolute path of the adapter folder.
 * @param path a run folder, an adapter folder, or `adapter_model.safetensors` or `adapter_config.json` in one
 * @throws ExpectedError `run/noAdapter`, `run/unfinished`
 */
export async function resolveAdapterFolder(path: string): Promise<string> {
  const given = resolve(path);
  const kind = await kindOf(given);
  if (kind === 'absent') {
    throw new ExpectedError('run/noAdapter', 'does not exist', 'Give a run folder or an adapter folder.', {
      file: given,
    });
  }
  if (kind === 'file') return adapterOfFile(given);
  if (await isAdapterFolder(given)) return given;
  if ((await kindOf(join(given, RUN_FILES.record))) === 'file') return adapterOfRun(given);
  throw new ExpectedError(
    'run/noAdapter',
    `expected a run folder or an adapter folder, found neither ${RUN_FILES.record} nor ${ADAPTER_FILES.config}`,
    'Give the folder that `neuroada train` wrote, or the adapter folder in it.',
    { file: given },
  );
}

function adapterOfFile(file: string): string {
  const name = basename(file);
  if (name === ADAPTER_FILES.model || name === ADAPTER_FILES.config) return dirname(file);
  throw new ExpectedError(
    'run/noAdapter',
    `expected ${ADAPTER_FILES.model}, found a file of another name`,
    'Give a run folder, an adapter folder or the adapter_model.safetensors in it.',
    { file },
  );
}

async function adapterOfRun(runFolder: string): Promise<string> {
  const adapter = join(runFolder, RUN_FILES.adapter);
  if (await isAdapterFolder(adapter)) return adapter;
  const { summary, process: driver } = await summarizeRun(runFolder);
  throw new ExpectedError(
    'run/unfinished',
    `the run has no adapter yet: it is ${summary.status} at step ${String(summary.step)}`,
    driver === undefined ? `Resume it with: neuroada train --resume ${runFolder}` : 'Wait until it is finished.',
    { file: runFolder },
  );
}

async function isAdapterFolder(folder: string): Promise<boolean> {
  return (await kindOf(join(folder, ADAPTER_FILES.config))) === 'file';
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'absent'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent';
    throw explainSystemError(error, path);
  }
}

/** The run that a path lies in: itself, its parent, or the parent of that. */
export async function runFolderOf(path: string): Promise<string | undefined> {
  for (const folder of [path, dirname(path), dirname(dirname(path))]) {
    if ((await kindOf(join(folder, RUN_FILES.record))) === 'file') return folder;
  }
  return undefined;
}
