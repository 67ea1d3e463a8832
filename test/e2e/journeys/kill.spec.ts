/** The engine's death is told with its reason, and training goes on from the last checkpoint. */
import { killProcess, runPid } from '../editor/runProcesses.ts';
import { expect, test } from '../journey.ts';
import { eventsOf, waitForStatus, waitForStep } from '../runLog.ts';
import { startRun, writeConfiguration } from '../sampleRun.ts';
import { notification, pressNotificationButton } from '../workbench/notifications.ts';
import { openRunsView, runRow } from '../workbench/runsView.ts';
import { closeTab } from '../workbench/workbench.ts';

test('an engine killed with SIGKILL ends the run as failed, and Resume finishes it', async ({
  workbench: page,
  sample,
}) => {
  const folder = await writeConfiguration(sample, 'killed', { training: { epochs: 20, checkpointEvery: 10 } });
  await startRun(page, sample, 'killed');
  await openRunsView(page);
  await closeTab(page, 'killed');
  await waitForStep(folder, 35);
  killProcess((await runPid(folder))!);

  await expect(runRow(page, 'killed')).toHaveAttribute('aria-label', /, Failed, /);
  await expect(notification(page, /killed by SIGKILL/)).toBeVisible();
  await pressNotificationButton(page, 'SIGKILL', 'Resume');
  await waitForStatus(folder, 'finished');
  await expect(runRow(page, 'killed')).toHaveAttribute('aria-label', /, Finished, /);
  const [resumed] = await eventsOf(folder, 'resumed');
  expect(resumed!.step).toBeGreaterThanOrEqual(30);
});
