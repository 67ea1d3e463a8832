/** Bundles the webviews into a temporary folder, as they are now and with the options that the product is built with. */
import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const REPOSITORY = join(import.meta.dirname, '..', '..');

export async function bundleWebviews(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-webviews-'));
  await promisify(execFile)(process.execPath, ['esbuild.config.js', '--webviews', folder], { cwd: REPOSITORY });
  return folder;
}
