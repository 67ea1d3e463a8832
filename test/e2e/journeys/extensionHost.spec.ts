/** The Mocha suite inside the extension host: of code-server, or of the desktop VS Code that `VSCODE_VERSION` names. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { cacheFolder } from '../editor/installation.ts';
import { PROJECT_FOLDER } from '../editor/packagedExtension.ts';
import { test } from '../journey.ts';
import { SETUP } from '../setup.ts';

const DOWNLOAD_LIMIT_MS = 900_000;

/** Trains the run that the suite moves into its workspace, which is empty at first: nothing there asks for the extension. */
async function trainRun(sample: string, runFolder: string): Promise<void> {
  const cli = [join(PROJECT_FOLDER, 'dist/engine/cli.mjs'), 'train', join(sample, 'support.neuroada.json')];
  await promisify(execFile)(process.execPath, [...cli, '--max-steps', '5', '--output', runFolder]);
}

test('suite in the extension host', async ({ scratch, sample }) => {
  const workspaceFolder = join(scratch, 'host-workspace');
  await mkdir(workspaceFolder);
  await trainRun(sample, join(scratch, 'trained'));
  const development = join(scratch, 'host-extension');
  await mkdir(development);
  await writeFile(
    join(development, 'package.json'),
    JSON.stringify({ name: 'host', publisher: 'test', version: '0.0.0', engines: { vscode: '*' } }),
  );
  const bundle = join(PROJECT_FOLDER, 'node_modules/.cache/e2e/extensionHost.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, '../extensionHost/index.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });

  const version = process.env['VSCODE_VERSION'];
  if (version !== undefined) test.setTimeout(DOWNLOAD_LIMIT_MS);
  const cachePath = join(cacheFolder(), 'vscode');
  const standIn = join(import.meta.dirname, '../extensionHost/code.ts');
  await runTests({
    vscodeExecutablePath: version === undefined ? standIn : await downloadAndUnzipVSCode({ version, cachePath }),
    extensionDevelopmentPath: development,
    extensionTestsPath: bundle,
    launchArgs: [
      workspaceFolder,
      `--extensions-dir=${process.env[SETUP.extensionsFolder]!}`,
      // Settings, and the queue of runs, of nobody else.
      `--user-data-dir=${join(scratch, 'host-user')}`,
    ],
  });
});
