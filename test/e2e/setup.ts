/** Before all journeys: the editor is installed, and the packaged extension in it, in a folder that goes at the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installCodeServer } from './editor/installation.ts';
import { installExtension, packageExtension } from './editor/packagedExtension.ts';

/** What the journeys learn from the set-up, by the environment that Playwright hands down. */
export const SETUP = { program: 'NEUROADA_CODE_SERVER', extensionsFolder: 'NEUROADA_EXTENSIONS' } as const;

export default async function setUp(): Promise<() => Promise<void>> {
  const program = await installCodeServer(console.log);
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-e2e-'));
  const vsix = await packageExtension();
  process.env[SETUP.program] = program;
  process.env[SETUP.extensionsFolder] = await installExtension(program, vsix, folder);
  return () => rm(folder, { recursive: true, force: true });
}
