/** Runs on the sample that are started from a configuration file, as a user does who has one. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { openFile, runCommand } from './workbench/palette.ts';

interface SampleConfiguration {
  readonly training: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** Enough epochs for minutes of training. */
export const LONG = { epochs: 400 };

/** Writes the sample's configuration with another name, output folder and `training`; returns the run folder to come. */
export async function writeConfiguration(
  sample: string,
  name: string,
  { training = {}, ...rest }: Readonly<{ training?: Readonly<Record<string, unknown>>; [key: string]: unknown }> = {},
): Promise<string> {
  const own = JSON.parse(await readFile(join(sample, 'support.neuroada.json'), 'utf8')) as SampleConfiguration;
  const changed = {
    ...own,
    $schema: undefined,
    name,
    output: `runs/${name}`,
    ...rest,
    training: { ...own.training, ...training },
  };
  await writeFile(join(sample, `${name}.neuroada.json`), JSON.stringify(changed, undefined, 2));
  return join(sample, 'runs', name);
}

/** Starts training from a configuration that `writeConfiguration` wrote. */
export async function startRun(page: Page, sample: string, name: string): Promise<void> {
  await openFile(page, `${name}.neuroada.json`);
  await runCommand(page, 'NeuroAda: Start Training from This Configuration');
  await expect.poll(() => existsSync(join(sample, 'runs', name)), { intervals: [50] }).toBe(true);
}
