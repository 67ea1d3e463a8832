/** Journeys through a real VS Code, one at a time, since training takes the cores. */
import { defineConfig } from '@playwright/test';
import { BROWSER_ARGUMENTS, findChromium } from './editor/browser.ts';

export default defineConfig({
  testDir: 'journeys',
  outputDir: '../../.screenshots/failures',
  globalSetup: './setup.ts',
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  // A busy machine may be too slow once or twice; what fails three times is broken.
  retries: process.env['CI'] === undefined ? 0 : 2,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list'], ['./resultLine.ts']],
  use: {
    viewport: { width: 1400, height: 900 },
    actionTimeout: 30_000,
    launchOptions: { executablePath: findChromium(), args: BROWSER_ARGUMENTS },
    screenshot: 'only-on-failure',
    trace: { mode: 'retain-on-failure', screenshots: true, snapshots: false },
  },
});
