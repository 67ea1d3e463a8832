/** Names of runs and where their folders go when the configuration does not say. */
import { basename, join } from 'node:path';
import type { RunConfiguration } from '../protocol/configuration/configuration.ts';

const UNSAFE = /[^\p{L}\p{N}._-]+/gu;
const LONGEST_NAME = 100;

/**
 * The configuration's name, else one made of checkpoint and time, such as `SmolLM2-135M 2026-01-31 09:05:07`.
 * @param createdTime milliseconds since the epoch; shown in local time
 */
export function runName(configuration: Pick<RunConfiguration, 'name' | 'base'>, createdTime: number): string {
  if (configuration.name !== undefined) return configuration.name;
  const model = basename(configuration.base).slice(0, LONGEST_NAME - 20);
  return `${model} ${localTime(createdTime)}`;
}

/**
 * The run folder's path: the configuration's `output`, else a folder in `runs`.
 * @param parentFolder folder of the configuration file
 */
export function runFolderPath(
  configuration: Pick<RunConfiguration, 'name' | 'base' | 'output'>,
  parentFolder: string,
  createdTime: number,
): string {
  if (configuration.output !== undefined) return configuration.output;
  const label = configuration.name ?? basename(configuration.base);
  return join(parentFolder, 'runs', folderName(`${label} ${localTime(createdTime)}`));
}

/** A name that every file system takes. */
function folderName(name: string): string {
  return name
    .replaceAll(':', '')
    .replaceAll(UNSAFE, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
}

function localTime(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}
