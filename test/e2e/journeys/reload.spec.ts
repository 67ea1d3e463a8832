/** A run outlives the window that started it, and the window that comes back misses nothing. */
import { expect, test } from '../journey.ts';
import { eventsOf, waitForStatus, waitForStep } from '../runLog.ts';
import { startRun, writeConfiguration } from '../sampleRun.ts';
import { openRunsView, runRow } from '../workbench/runsView.ts';
import { reloadWorkbench } from '../workbench/workbench.ts';

test('window reload in mid-run loses no event', async ({ workbench: page, sample }) => {
  const folder = await writeConfiguration(sample, 'reloaded', { training: { epochs: 12 } });
  await startRun(page, sample, 'reloaded');
  await waitForStep(folder, 20);
  await reloadWorkbench(page);
  await openRunsView(page);
  const row = runRow(page, 'reloaded');
  await expect(row).toHaveAttribute('aria-label', /, Training, .*loss/);
  await waitForStatus(folder, 'finished');
  await expect(row).toHaveAttribute('aria-label', /, Finished, /);

  const steps = (await eventsOf(folder, 'step')).map(({ step }) => step);
  expect(steps).toEqual(Array.from({ length: 360 }, (_, index) => index + 1));
});
