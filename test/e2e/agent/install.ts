/** Packages the stand-in for the editor's agent and installs it beside what is in an editor already. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { build } from 'esbuild';
import { installExtension } from '../editor/packagedExtension.ts';

const MANIFEST = {
  ...{ name: 'agent', publisher: 'test', version: '0.0.0', description: 'Invokes tools.' },
  engines: { vscode: '^1.101.0' },
  main: 'main.cjs',
  contributes: { commands: [{ command: 'agent.invokeTool', title: 'Agent: Invoke Tool' }] },
};

/** @returns the folder of both */
export async function installAgent(program: string, installed: string, scratch: string): Promise<string> {
  const folder = join(scratch, 'agent');
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify(MANIFEST));
  await writeFile(join(folder, 'README.md'), MANIFEST.description);
  await build({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile: join(folder, MANIFEST.main),
    ...{ bundle: true, platform: 'node', format: 'cjs', external: ['vscode'], logLevel: 'warning' },
  });
  const packagePath = join(scratch, 'agent.vsix');
  await createVSIX({ cwd: folder, packagePath, allowMissingRepository: true, skipLicense: true });
  await cp(installed, join(scratch, 'extensions'), { recursive: true });
  return installExtension(program, packagePath, scratch);
}
