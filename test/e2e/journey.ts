/** What every journey starts from: a copy of the sample, an editor with fresh settings, and a page that shows them. */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test as base, type Page } from '@playwright/test';
import { endRuns } from './editor/runProcesses.ts';
import { PROJECT_FOLDER } from './editor/packagedExtension.ts';
import { startServer, type Server } from './editor/server.ts';
import { SETUP } from './setup.ts';
import { openWorkbench } from './workbench/workbench.ts';

export interface Journey {
  /** User settings besides those of every journey. */
  settings: Readonly<Record<string, unknown>>;
  hasWorkspaceTrust: boolean;
  /** Holds everything that the journey writes. */
  scratch: string;
  /** A copy of the sample, without the recipe that made it. */
  sample: string;
  /** Holds what is installed in the editor. */
  extensionsFolder: string;
  server: Server;
  /** The editor with the sample opened. */
  workbench: Page;
}

/** Nothing that asks, greets, or comes from elsewhere; themes follow the page's emulated media. */
const SETTINGS = {
  'window.autoDetectColorScheme': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'extensions.ignoreRecommendations': true,
  'files.simpleDialog.enable': true,
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};

/** For whoever looks into a failure: what editor, extension and engines said. */
async function keepLogs(scratch: string, target: string): Promise<void> {
  const isKept = (path: string): boolean => !/\.(safetensors|tfevents.*)$|\/(checkpoint|lock|tensorboard)$/.test(path);
  for (const place of ['editor/data/logs', 'editor/server.log', 'sample']) {
    const source = join(scratch, place);
    if (existsSync(source)) await cp(source, join(target, basename(place)), { recursive: true, filter: isKept });
  }
}

export const test = base.extend<Journey>({
  settings: [{}, { option: true }],
  hasWorkspaceTrust: [false, { option: true }],
  // Playwright reads the names that a fixture needs from its pattern, which here is empty.
  scratch: async ({}, use, testInfo) => {
    const folder = await mkdtemp(join(tmpdir(), 'neuroada-'));
    await use(folder);
    await endRuns(folder);
    if (testInfo.status !== testInfo.expectedStatus) await keepLogs(folder, testInfo.outputPath('logs'));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  },
  sample: async ({ scratch }, use) => {
    const folder = join(scratch, 'sample');
    await cp(join(PROJECT_FOLDER, 'media/sample'), folder, {
      recursive: true,
      filter: (path) => !['recipe', 'runs'].includes(basename(path)),
    });
    await use(folder);
  },
  extensionsFolder: async ({}, use) => use(process.env[SETUP.extensionsFolder]!),
  server: async ({ scratch, extensionsFolder, settings, hasWorkspaceTrust }, use) => {
    const server = await startServer({
      program: process.env[SETUP.program]!,
      folder: join(scratch, 'editor'),
      extensionsFolder,
      settings: { ...SETTINGS, ...settings },
      hasWorkspaceTrust,
    });
    await use(server);
    await server.stop();
  },
  workbench: async ({ page, server, sample }, use) => {
    await openWorkbench(page, server.address, sample);
    await use(page);
  },
});

export { expect } from '@playwright/test';
