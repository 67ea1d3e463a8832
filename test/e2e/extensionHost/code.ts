#!/usr/bin/env node
/**
 * Stands in for desktop VS Code where none can be had: takes the arguments that @vscode/test-electron gives to `code`,
 * runs the tests in code-server's extension host, and ends with their exit code.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { BROWSER_ARGUMENTS, findChromium } from '../editor/browser.ts';
import { installCodeServer } from '../editor/installation.ts';
import { startServer } from '../editor/server.ts';

/** VS Code's own test mode in a browser: `exposeFunction` gives it the console and the exit of a desktop program. */
const LOG_FUNCTION = 'codeAutomationLog';
const EXIT_FUNCTION = 'codeAutomationExit';

const OPEN_LIMIT_MS = 90_000;

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: 'string' },
    extensionTestsPath: { type: 'string' },
    'extensions-dir': { type: 'string' },
  },
});
const [workspaceFolder] = positionals;
const { extensionDevelopmentPath, extensionTestsPath, 'extensions-dir': extensionsFolder } = values;

const folder = await mkdtemp(join(tmpdir(), 'neuroada-host-'));
const server = await startServer({
  program: await installCodeServer(console.log),
  folder,
  extensionsFolder: String(extensionsFolder),
  settings: {},
  hasWorkspaceTrust: false,
  arguments: ['--vscode-option', 'enable-smoke-test-driver'],
});
const browser = await chromium.launch({ executablePath: findChromium(), args: BROWSER_ARGUMENTS });
try {
  const page = await browser.newPage();
  const exit = new Promise<number>((resolve) => {
    void page.exposeFunction(EXIT_FUNCTION, (code: number) => {
      resolve(code);
    });
  });
  await page.exposeFunction(LOG_FUNCTION, (_type: string, args: unknown[]) => {
    const text = format(...args);
    // What Mocha prints is indented, unlike the editor's own messages.
    if (/^\s/.test(text)) console.log(text);
  });
  const { host, origin } = new URL(server.address);
  const remote = (path: string): string => `vscode-remote://${host}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(String(extensionDevelopmentPath))],
    ['extensionTestsPath', remote(String(extensionTestsPath))],
    ['skipWelcome', 'true'],
  ];
  const query = new URLSearchParams({ folder: String(workspaceFolder), payload: JSON.stringify(payload) });
  page.setDefaultTimeout(OPEN_LIMIT_MS);
  await page.goto(`${origin}/?${query.toString()}`);
  process.exitCode = await exit;
} finally {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
