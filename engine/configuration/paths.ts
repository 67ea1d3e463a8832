/** The paths of a configuration: made absolute, and checked to lead somewhere. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { systemErrorCode } from '../files/systemError.ts';
import type { RunConfiguration, SelectionConfiguration } from '../protocol/configuration/configuration.ts';
import type { FieldPath } from './expectation.ts';
import type { Fault } from './fault.ts';

const HUB_NAME = /^[\w-]+\/[\w.-]+$/;

/** The configuration with paths relative to `folder` made absolute. */
export function withAbsolutePaths<C extends SelectionConfiguration>(configuration: C, folder: string): C {
  const { base, output, data, questions } = configuration;
  return {
    ...configuration,
    base: resolve(folder, base),
    ...(output === undefined ? {} : { output: resolve(folder, output) }),
    ...(data === undefined ? {} : { data: withAbsoluteDataPaths(data, folder) }),
    ...(questions === undefined ? {} : { questions: { ...questions, data: resolve(folder, questions.data) } }),
  };
}

function withAbsoluteDataPaths(data: RunConfiguration['data'], folder: string): RunConfiguration['data'] {
  const { train, evaluation } = data;
  return {
    ...data,
    train: typeof train === 'string' ? resolve(folder, train) : train.map((file) => resolve(folder, file)),
    ...(typeof evaluation === 'string' ? { evaluation: resolve(folder, evaluation) } : {}),
  };
}

/** Paths of the configuration that lead nowhere, or to a file where a folder is meant. */
export async function pathFaults(configuration: SelectionConfiguration, asWritten: string): Promise<readonly Fault[]> {
  const { base, data, questions } = configuration;
  const faults = [await folderFault(['base'], base, asWritten)];
  if (data !== undefined) {
    const { train, evaluation } = data;
    const files = typeof train === 'string' ? [train] : train;
    for (const [index, file] of files.entries()) {
      faults.push(await fileFault(typeof train === 'string' ? ['data', 'train'] : ['data', 'train', index], file));
    }
    if (typeof evaluation === 'string') faults.push(await fileFault(['data', 'evaluation'], evaluation));
  }
  if (questions !== undefined && (await kindOf(questions.data)) === 'absent') {
    faults.push({ path: ['questions', 'data'], message: `there is no file or folder ${questions.data}` });
  }
  return faults.filter((fault) => fault !== undefined);
}

async function folderFault(path: FieldPath, folder: string, asWritten: string): Promise<Fault | undefined> {
  const kind = await kindOf(folder);
  if (kind === 'folder') return undefined;
  if (kind === 'file') return { path, message: `expected the folder of a checkpoint, found the file ${folder}` };
  const hint = HUB_NAME.test(asWritten) ? '; a model of the Hugging Face hub must be downloaded first' : '';
  return { path, message: `there is no folder ${folder}${hint}` };
}

async function fileFault(path: FieldPath, file: string): Promise<Fault | undefined> {
  const kind = await kindOf(file);
  if (kind === 'file') return undefined;
  return {
    path,
    message: kind === 'folder' ? `expected a data file, found the folder ${file}` : `there is no file ${file}`,
  };
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'absent'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent';
    throw error;
  }
}
