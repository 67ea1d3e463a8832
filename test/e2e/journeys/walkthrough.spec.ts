/** The first start: the walkthrough leads from an empty window to the sample. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../journey.ts';
import { answer, runCommand, waitForPick } from '../workbench/palette.ts';
import { openRunsView, runsView } from '../workbench/runsView.ts';
import { inEachTheme } from '../workbench/themes.ts';
import { openEmptyWorkbench } from '../workbench/workbench.ts';

test('first start and walkthrough', async ({ page, server, scratch }) => {
  await openEmptyWorkbench(page, server.address);
  await runCommand(page, 'Welcome: Open Walkthrough...');
  await waitForPick(page, /./);
  await answer(page, 'Fine-Tune Your First Model');
  const walkthrough = page.locator('.gettingStartedContainer');
  await expect(walkthrough).toContainText('Fine-Tune Your First Model');
  await inEachTheme(page, 'walkthrough', () => Promise.resolve());
  await walkthrough.getByRole('button', { name: 'Open the Sample Workspace', exact: true }).click();

  const sample = join(scratch, 'editor/home/neuroada-sample');
  await expect(page).toHaveURL(/neuroada-sample/, { timeout: 60_000 });
  expect(existsSync(join(sample, 'support.neuroada.json'))).toBe(true);
  // The walkthrough goes on where it was, and the view says what can be done.
  await expect(walkthrough).toContainText('Start a training run', { timeout: 60_000 });
  await openRunsView(page);
  await expect(runsView(page).getByRole('button', { name: 'Start Training Run' }).last()).toBeVisible();
});
