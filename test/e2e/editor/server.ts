/** A code-server process on a free port of the loopback address: started, waited for, and ended with all its children. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ServerOptions {
  /** The program of code-server. */
  readonly program: string;
  /** Holds settings, logs and the home folder of everything that is started. */
  readonly folder: string;
  readonly extensionsFolder: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly hasWorkspaceTrust: boolean;
  /** Asked for when the page is opened; no password: whoever is on this machine. */
  readonly password?: string;
  readonly arguments?: readonly string[];
}

export interface Server {
  /** Such as `http://127.0.0.1:40321`. */
  readonly address: string;
  readonly logFile: string;
  /** When the process ends by itself. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

/** Options that keep code-server to itself: no proxy, no calls home, nothing read or left outside `folder`. */
function serverArguments(options: ServerOptions): string[] {
  const { program, folder, extensionsFolder, hasWorkspaceTrust, password } = options;
  return [
    program,
    ...['--bind-addr', '127.0.0.1:0'],
    ...['--auth', password === undefined ? 'none' : 'password'],
    ...['--config', join(folder, 'config.yaml')],
    ...['--user-data-dir', join(folder, 'data'), '--extensions-dir', extensionsFolder],
    ...['--disable-telemetry', '--disable-update-check', '--disable-proxy', '--disable-getting-started-override'],
    ...['--ignore-last-opened', '--reconnection-grace-time', '20'],
    ...(hasWorkspaceTrust ? [] : ['--disable-workspace-trust']),
    ...(options.arguments ?? []),
  ];
}

export async function startServer(options: ServerOptions): Promise<Server> {
  const { folder, settings, password } = options;
  const home = join(folder, 'home');
  await mkdir(join(folder, 'data/User'), { recursive: true });
  await mkdir(home, { recursive: true });
  await writeFile(join(folder, 'data/User/settings.json'), JSON.stringify(settings));
  const logFile = join(folder, 'server.log');
  const child = spawn(process.execPath, serverArguments(options), {
    // A group of its own, so that what code-server starts ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: editorEnvironment(home, password),
  });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = once(child, 'exit');
  const address = await readAddress(child);
  return { address, logFile, ended, stop: () => stopGroup(child, ended) };
}

/** The environment without what the program that starts the editor was told about itself. */
export function editorEnvironment(home: string, password?: string): NodeJS.ProcessEnv {
  const foreign = /^(npm_|NODE_OPTIONS$|VSCODE_|ELECTRON_|XDG_|PASSWORD$|HASHED_PASSWORD$|PORT$)/;
  const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(inherited), HOME: home, ...(password === undefined ? {} : { PASSWORD: password }) };
}

async function readAddress(child: ChildProcess): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`code-server ${why}:\n${text}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('did not start in time');
    }, START_LIMIT_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      fail('ended');
    });
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const [, address] = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(text) ?? [];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
  });
}

async function stopGroup(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  signal('SIGTERM');
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, STOP_LIMIT_MS).unref())]);
  signal('SIGKILL');
}
