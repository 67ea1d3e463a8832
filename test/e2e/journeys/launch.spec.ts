/** A newcomer opens the sample, presses Enter until it trains, and watches it finish. */
import { expect, test } from '../journey.ts';
import { eventsOf, runFolders, waitForStatus } from '../runLog.ts';
import { runCommand, waitForPick } from '../workbench/palette.ts';
import { openRunsView, runRow } from '../workbench/runsView.ts';
import { activeRunItem, editorTab } from '../workbench/workbench.ts';

const STEPS = 7;
const FIRST_STEP_LIMIT_MS = 3_000;
const LEARNT_LOSS = 0.5;

test('palette launch of the sample with the keyboard alone', async ({ workbench: page, sample }) => {
  await runCommand(page, 'NeuroAda: Start Training Run');
  for (let step = 1; step < STEPS; step++) {
    await waitForPick(page, `(${step}/${STEPS})`);
    await page.keyboard.press('Enter');
  }
  await waitForPick(page, `(${STEPS}/${STEPS})`);
  const enterTime = Date.now();
  await page.keyboard.press('Enter');

  await expect(editorTab(page, 'checkpoint on train')).toBeVisible();
  await expect(activeRunItem(page)).toContainText(/\d+ % · loss/);
  await openRunsView(page);
  const row = runRow(page, 'checkpoint on train');
  await expect(row).toHaveAttribute('aria-label', /, Training, .*loss/);
  const [folder] = await runFolders(sample);
  await waitForStatus(folder!, 'finished');
  await expect(row).toHaveAttribute('aria-label', /, Finished, .*best \d/);
  await expect(activeRunItem(page)).toBeHidden();

  // Defaults alone teach the sample its task: the base begins at a loss of about 10 nats.
  const evaluations = await eventsOf(folder!, 'evaluation');
  expect(evaluations.at(-1)!.loss).toBeLessThan(LEARNT_LOSS);

  const [first] = await eventsOf(folder!, 'step');
  const startMs = first!.time - first!.stepMs - enterTime;
  console.log(`the first step started ${Math.round(startMs)} ms after the last Enter`);
  expect(startMs).toBeLessThan(FIRST_STEP_LIMIT_MS);
});
