/** Two runs side by side: curves over one another, configurations with their differences; and the view in every theme. */
import { expect, test } from '../journey.ts';
import { waitForStatus } from '../runLog.ts';
import { startRun, writeConfiguration } from '../sampleRun.ts';
import { openRunsView, runAction, runRow } from '../workbench/runsView.ts';
import { inEachTheme } from '../workbench/themes.ts';
import { expectAccessible, webview } from '../workbench/webview.ts';
import { editorTab } from '../workbench/workbench.ts';

test('compare two runs, accessible in every theme', async ({ workbench: page, sample }) => {
  const slow = await writeConfiguration(sample, 'slow', { training: { epochs: 3, learningRate: 0.005 } });
  const fast = await writeConfiguration(sample, 'fast', { training: { epochs: 3 } });
  await startRun(page, sample, 'slow');
  await startRun(page, sample, 'fast');
  await waitForStatus(slow, 'finished');
  await waitForStatus(fast, 'finished');
  await openRunsView(page);
  await expect(runRow(page, 'fast')).toHaveAttribute('aria-label', /, Finished, /);
  await inEachTheme(page, 'progress', () => expectAccessible(page));

  await runRow(page, 'slow').click();
  await runRow(page, 'fast').click({ modifiers: ['ControlOrMeta'] });
  await runAction(page, runRow(page, 'fast'), 'Compare Runs');
  await expect(editorTab(page, 'Compare 2 Runs')).toBeVisible();
  const view = webview(page);
  await expect(view.locator('body')).toContainText('slow');
  await expect(view.locator('body')).toContainText('fast');
  await inEachTheme(page, 'comparison', () => expectAccessible(page));

  // What differs is marked, by a sign with a name; what is the same is not.
  const fields = view.getByRole('region', { name: 'Fields of the Configurations' }).getByRole('row');
  const sign = { name: 'different' };
  const rate = fields.filter({ hasText: 'training.learningRate' });
  await expect(rate.getByRole('img', sign)).toBeVisible();
  await expect(rate.getByRole('cell')).toHaveText(['0.005', '0.02']);
  const epochs = fields.filter({ hasText: 'training.epochs' });
  await expect(epochs).toHaveCount(0);
  await view.getByRole('checkbox', { name: 'Only Differences' }).click();
  await expect(epochs.getByRole('cell')).toHaveText(['3', '3']);
  await expect(epochs.getByRole('img', sign)).toHaveCount(0);
  await expect(rate.getByRole('img', sign)).toBeVisible();
});
