/** Deleting asks, stops what trains, and leaves neither folder nor process. */
import { existsSync } from 'node:fs';
import { runPid } from '../editor/runProcesses.ts';
import { expect, test } from '../journey.ts';
import { waitForStep } from '../runLog.ts';
import { LONG, startRun, writeConfiguration } from '../sampleRun.ts';
import { answerDialog } from '../workbench/notifications.ts';
import { openRunsView, runAction, runRow } from '../workbench/runsView.ts';

test('delete a run that trains', async ({ workbench: page, sample }) => {
  const folder = await writeConfiguration(sample, 'doomed', { training: LONG });
  await startRun(page, sample, 'doomed');
  await openRunsView(page);
  await waitForStep(folder, 1);
  const pid = (await runPid(folder))!;

  await runAction(page, runRow(page, 'doomed'), 'Delete Run');
  await answerDialog(page, 'Delete the run "doomed"?', 'Cancel');
  await expect(runRow(page, 'doomed')).toBeVisible();
  await runAction(page, runRow(page, 'doomed'), 'Delete Run');
  await answerDialog(page, 'Delete the run "doomed"?', 'Delete');
  // A browser's editor has no trash.
  await answerDialog(page, 'The trash is not available', 'Delete Permanently');

  await expect(runRow(page, 'doomed')).toBeHidden();
  expect(existsSync(folder)).toBe(false);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});
