/** The editor's own measure of what the extension costs when a window opens. */
import { expect, test } from '../journey.ts';
import { runCommand } from '../workbench/palette.ts';

const ACTIVATION_LIMIT_MS = 50;

test('activation adds less than 50 ms to the start of a window', async ({ workbench: page }) => {
  await runCommand(page, 'Developer: Show Running Extensions');
  const row = page.locator('.runtime-extensions-editor .monaco-list-row').filter({ hasText: 'NeuroAda' });
  await expect(row).toContainText(/Activation: \d+ms/);
  const [, milliseconds] = /Activation: (\d+)ms/.exec((await row.textContent())!)!;
  console.log(`activation took ${milliseconds!} ms`);
  expect(Number(milliseconds)).toBeLessThan(ACTIVATION_LIMIT_MS);
});
