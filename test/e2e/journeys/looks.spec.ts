/** What other journeys pass by quickly, in every theme: the launch steps, the tree of runs in every state, the playground. */
import { join } from 'node:path';
import { writeRun } from '../../inspection/runOnDisk.ts';
import { expect, test } from '../journey.ts';
import { waitForStatus, waitForStep } from '../runLog.ts';
import { LONG, startRun, writeConfiguration } from '../sampleRun.ts';
import { runCommand, waitForPick } from '../workbench/palette.ts';
import { openRunsView, runAction, runRow } from '../workbench/runsView.ts';
import { inEachTheme } from '../workbench/themes.ts';
import { expectAccessible, webview } from '../workbench/webview.ts';
import { editorTab } from '../workbench/workbench.ts';

const STEPS = 7;
const onlyLook = (): Promise<void> => Promise.resolve();

test('the steps of a launch, one after the other and back', async ({ workbench: page }) => {
  test.slow();
  await runCommand(page, 'NeuroAda: Start Training Run');
  for (let step = 1; step <= STEPS; step++) {
    await waitForPick(page, `(${step}/${STEPS})`);
    await inEachTheme(page, `launch-${step}`, onlyLook);
    if (step < STEPS) await page.keyboard.press('Enter');
  }
  await page.locator('.quick-input-widget').getByRole('button', { name: 'Back' }).click();
  await waitForPick(page, `(${STEPS - 1}/${STEPS})`);
  await page.keyboard.press('Escape');
});

test('runs that train, wait, are stopped and finished', async ({ workbench: page, sample }) => {
  await writeRun(join(sample, 'runs/finished'), 'llama', {
    runName: 'finished',
    steps: [10, 20],
    k: 2,
    isFinished: true,
  });
  const stopped = await writeConfiguration(sample, 'stopped', { training: LONG });
  const training = await writeConfiguration(sample, 'training', { training: LONG });
  await writeConfiguration(sample, 'waiting', { training: LONG });
  await startRun(page, sample, 'stopped');
  await waitForStep(stopped, 1);
  await openRunsView(page);
  await runAction(page, runRow(page, 'stopped'), 'Stop Run');
  await waitForStatus(stopped, 'stopped');
  await startRun(page, sample, 'training');
  await waitForStep(training, 1);
  await startRun(page, sample, 'waiting');
  await openRunsView(page);
  await expect(runRow(page, 'waiting')).toHaveAttribute('aria-label', /, Queued, .*\b1\b/);
  const finished = runRow(page, 'finished');
  await finished.focus();
  await finished.click({ position: { x: 8, y: 10 } });
  await expect(runRow(page, 'Adapter')).toBeVisible();
  await inEachTheme(page, 'runs', onlyLook);
});

test('the playground answers from base and tuned model, accessible in every theme', async ({
  workbench: page,
  sample,
}) => {
  const tuned = await writeConfiguration(sample, 'tuned', { training: { epochs: 3 } });
  await startRun(page, sample, 'tuned');
  await waitForStatus(tuned, 'finished');
  await openRunsView(page);
  await expect(runRow(page, 'tuned')).toHaveAttribute('aria-label', /, Finished, /);
  await runAction(page, runRow(page, 'tuned'), 'Try Model');
  await expect(editorTab(page, 'Try tuned')).toBeVisible();
  const view = webview(page);
  const prompt = view.getByRole('textbox', { name: 'Prompt' });
  await prompt.fill('Message: The app crashes whenever I open it.\nTeam:');
  await view.getByText('Options', { exact: true }).click();
  await view.getByRole('spinbutton', { name: 'Longest answer' }).fill('24');
  await view.getByRole('textbox', { name: 'Stop sequences' }).fill('\\n');
  await prompt.press('Control+Enter');
  const answers = view.locator('.answer-text');
  await expect(answers.last()).toHaveText(/\w/);
  await expect(view.locator('.answer-head').last()).toContainText(/tokens/);
  await answers.last().focus();
  await page.keyboard.press('ArrowRight');
  await expect(view.locator('#token-detail')).toContainText('%');
  await inEachTheme(page, 'playground', () => expectAccessible(page));
});
