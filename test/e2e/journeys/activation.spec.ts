/** The editor's own measure of what the extension costs when a window opens. */
import type { Page } from '@playwright/test';
import { expect, test } from '../journey.ts';
import { waitForQuietMachine } from '../quietMachine.ts';
import { runCommand } from '../workbench/palette.ts';
import { reloadWorkbench } from '../workbench/workbench.ts';

const ACTIVATION_LIMIT_MS = 50;
/** Of so many windows the median counts. */
const WINDOWS = 5;

async function activationTime(page: Page): Promise<number> {
  await runCommand(page, 'Developer: Show Running Extensions');
  const row = page.locator('.runtime-extensions-editor .monaco-list-row').filter({ hasText: 'NeuroAda' });
  await expect(row).toContainText(/Activation: \d+ms/);
  const [, milliseconds] = /Activation: (\d+)ms/.exec((await row.textContent())!)!;
  return Number(milliseconds);
}

test('activation adds less than 50 ms to the start of a window', async ({ workbench: page }) => {
  test.slow();
  const times: number[] = [];
  while (times.length < WINDOWS) {
    const isQuiet = await waitForQuietMachine();
    test.skip(
      !isQuiet,
      'the machine stayed busy: the editor measures by the clock, which would tell of other programs',
    );
    await reloadWorkbench(page);
    times.push(await activationTime(page));
  }
  times.sort((a, b) => a - b);
  console.log(`activation took ${times.join(', ')} ms`);
  expect(times[WINDOWS >> 1]).toBeLessThan(ACTIVATION_LIMIT_MS);
});
