/** A thousand runs: the view opens at once, and stays in order. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../journey.ts';
import { runRow } from '../workbench/runsView.ts';
import { openContainer, openWorkbench } from '../workbench/workbench.ts';

const RUNS = 1_000;
const OPENING_LIMIT_MS = 300;
const LOGGED_STEPS = 40;

async function writeRun(folder: string, number: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const name = `run ${number}`;
  const time = Date.UTC(2026, 0, 1) + number * 60_000;
  const request = { schemaVersion: 1, name, createdTime: time, configuration: { base: 'checkpoint' } };
  const steps = Array.from({ length: LOGGED_STEPS }, (_, index) => ({
    ...{ type: 'step', time: time + index, step: index + 1, loss: 3 - index / 20, learningRate: 0.01, gradNorm: 1 },
    ...{ tokens: 500, labelTokens: 50, stepMs: 40, epoch: index / 10, tokensPerSecond: 9_000, etaMs: 0 },
    ...{ memoryBytes: 200_000_000 },
  }));
  const events = [
    { type: 'log', schemaVersion: 1 },
    { type: 'status', time, status: 'training' },
    ...steps,
    { type: 'status', time: time + LOGGED_STEPS, status: 'finished' },
  ];
  await writeFile(join(folder, 'request.json'), JSON.stringify(request));
  await writeFile(join(folder, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

/** From the click on the activity bar until the rows are there, measured in the page. */
function openingTime(page: Page): Promise<number> {
  return page.evaluate(
    (size) =>
      new Promise<number>((resolve) => {
        const start = performance.now();
        const look = (): void => {
          const row = document.querySelector(`[id="workbench.view.extension.neuroada"] [aria-setsize="${size}"]`);
          if (row === null) requestAnimationFrame(look);
          else resolve(performance.now() - start);
        };
        document.querySelector<HTMLElement>('.activitybar a[aria-label^="NeuroAda"]')!.click();
        look();
      }),
    RUNS,
  );
}

test('the view of a thousand runs opens in 300 ms', async ({ page, server, sample }) => {
  for (let number = 1; number <= RUNS; number++) await writeRun(join(sample, 'runs', `run-${number}`), number);
  await openWorkbench(page, server.address, sample);
  // Let the window and the extension settle, as they have when a user turns to the view.
  await openContainer(page, 'Search');
  await page.waitForTimeout(8_000);
  // The quickest counts: what else the machine does makes some of them slower.
  const times: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    times.push(Math.round(await openingTime(page)));
    await expect(runRow(page, 'run 1000')).toHaveAttribute('aria-posinset', '1');
    await openContainer(page, 'Search');
    await page.waitForTimeout(1_000);
  }
  console.log(`the view of ${RUNS} runs opened in ${times.join(', ')} ms`);
  expect(Math.min(...times)).toBeLessThan(OPENING_LIMIT_MS);
});
