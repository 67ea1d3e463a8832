/** The extension as a user gets it: packaged for this machine and installed from the .vsix into a folder of its own. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { editorEnvironment } from './server.ts';

export const PROJECT_FOLDER = join(import.meta.dirname, '../../..');

const run = promisify(execFile);

/** Packages the extension for this machine and returns the file; `VSIX_PATH` names one that was made before. */
export async function packageExtension(): Promise<string> {
  const given = process.env['VSIX_PATH'];
  if (given !== undefined) return resolve(given);
  const target = `${process.platform}-${process.arch}`;
  await run(process.execPath, ['vsce.config.js', '--target', target], { cwd: PROJECT_FOLDER });
  const manifest = JSON.parse(await readFile(join(PROJECT_FOLDER, 'package.json'), 'utf8')) as { version: string };
  return join(PROJECT_FOLDER, `dist/neuroada-${target}-${manifest.version}.vsix`);
}

/** Installs the .vsix as `code-server --install-extension` does. */
export async function installExtension(program: string, vsix: string, folder: string): Promise<string> {
  const extensionsFolder = join(folder, 'extensions');
  const place = ['--extensions-dir', extensionsFolder, '--user-data-dir', join(folder, 'install')];
  const config = ['--config', join(folder, 'install.yaml')];
  await run(process.execPath, [program, ...place, ...config, '--install-extension', vsix], {
    env: editorEnvironment(folder),
  });
  return extensionsFolder;
}
