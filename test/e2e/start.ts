/**
 * `npm start`: the sample workspace in a real VS Code with the extension, as packaged now. Desktop VS Code where `code` is
 * on the path, else code-server on the loopback address. Everything lies in one folder of the cache: the clone stays
 * clean, and runs are there the next time.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheFolder, installCodeServer } from './editor/installation.ts';
import { installExtension, packageExtension, PROJECT_FOLDER } from './editor/packagedExtension.ts';
import { startServer } from './editor/server.ts';

/** The sample without the recipe that made it; what is there already stays, such as edited files. */
async function copySample(folder: string): Promise<string> {
  const sample = join(folder, 'sample');
  await cp(join(PROJECT_FOLDER, 'media/sample'), sample, {
    recursive: true,
    force: false,
    filter: (path) => !['recipe', 'runs'].includes(basename(path)),
  });
  return sample;
}

/** Opens the sample in desktop VS Code, with settings and extensions of its own; false where there is no `code`. */
function openDesktop(folder: string, sample: string, vsix: string): boolean {
  const isShell = process.platform === 'win32';
  if (spawnSync('code', ['--version'], { shell: isShell }).status !== 0) return false;
  const profile = ['--user-data-dir', join(folder, 'desktop'), '--extensions-dir', join(folder, 'desktop-extensions')];
  for (const args of [
    ['--install-extension', vsix, '--force'],
    ['--new-window', sample],
  ]) {
    const { status } = spawnSync('code', [...profile, ...args], { shell: isShell, stdio: 'inherit' });
    if (status !== 0) throw new Error(`code ${args.join(' ')} ended with ${status ?? 'a signal'}`);
  }
  return true;
}

async function openBrowserEditor(folder: string, sample: string, vsix: string): Promise<void> {
  const program = await installCodeServer(console.log);
  // Other people may be on this machine: the loopback address alone keeps nobody out.
  const password = randomBytes(9).toString('base64url');
  const server = await startServer({
    program,
    folder: join(folder, 'editor'),
    extensionsFolder: await installExtension(program, vsix, folder),
    settings: { 'workbench.secondarySideBar.defaultVisibility': 'hidden' },
    hasWorkspaceTrust: true,
    password,
  });
  console.log(`Password: ${password}`);
  console.log(`Open ${server.address}/?folder=${encodeURIComponent(sample)}`);
  console.log('Ctrl+C stops the editor; a run that trains goes on until it ends or you stop it.');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.stop());
  await server.ended;
}

const folder = join(cacheFolder(), 'start');
await mkdir(folder, { recursive: true, mode: 0o700 });
console.log('Packaging the extension');
const vsix = await packageExtension();
const sample = await copySample(folder);
console.log(`The sample workspace is ${sample}`);
if (!openDesktop(folder, sample, vsix)) await openBrowserEditor(folder, sample, vsix);
