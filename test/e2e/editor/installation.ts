/** code-server, VS Code's own workbench and extension host behind a web page, installed once from npm into a cache. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const CODE_SERVER_VERSION = '4.139.1';

/** What its native modules are compiled with, as Debian names it. */
const SYSTEM_PACKAGES = 'libkrb5-dev python3 make g++';

const INSTALL_LIMIT_MS = 20 * 60_000;

/** What outlives the clone: code-server, which takes minutes to compile, and what `npm start` opened. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'neuroada');
}

/** Only what code-server itself needs may run at install time. */
const MANIFEST = {
  private: true,
  dependencies: { 'code-server': CODE_SERVER_VERSION },
  allowScripts: { 'code-server': true, argon2: true },
};

/** Native modules are compiled for the Node that runs this program, with the headers that come with it. */
function buildEnvironment(): NodeJS.ProcessEnv {
  const nodeFolder = dirname(dirname(process.execPath));
  const hasHeaders = existsSync(join(nodeFolder, 'include/node/node.h'));
  return {
    ...process.env,
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    ...(hasHeaders ? { npm_config_nodedir: nodeFolder } : {}),
    // The clone's own .npmrc, which npm hands down to the programs it runs, forbids install scripts.
    npm_config_ignore_scripts: 'false',
    npm_config_allow_scripts: undefined,
  };
}

async function installInto(folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), JSON.stringify(MANIFEST));
  const options = { cwd: folder, env: buildEnvironment(), timeout: INSTALL_LIMIT_MS, maxBuffer: 1 << 28 };
  try {
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], options);
  } catch (error) {
    throw new Error(`code-server ${CODE_SERVER_VERSION} could not be installed; it needs ${SYSTEM_PACKAGES}`, {
      cause: error,
    });
  }
}

/**
 * The program that starts code-server, for the Node that runs this one. The folder takes its name when all is in it, so
 * that its presence says that it is whole.
 */
export async function installCodeServer(say: (text: string) => void): Promise<string> {
  const [nodeMajor] = process.versions.node.split('.');
  const folder = join(cacheFolder(), `code-server-${CODE_SERVER_VERSION}-node${nodeMajor!}-${process.arch}`);
  const program = join(folder, 'node_modules/code-server/out/node/entry.js');
  if (existsSync(program)) return program;
  say(`Installing code-server ${CODE_SERVER_VERSION} into ${folder} (some minutes, once)`);
  await mkdir(dirname(folder), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.installing-`);
  try {
    await installInto(unfinished);
    // Whoever was faster has put the same there.
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(program)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return program;
}
