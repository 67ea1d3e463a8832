/** One run trains per device; the others wait in an order that the user changes. */
import { expect, test } from '../journey.ts';
import { readEvents, waitForStatus, waitForStep } from '../runLog.ts';
import { LONG, startRun, writeConfiguration } from '../sampleRun.ts';
import { openRunsView, runAction, runRow } from '../workbench/runsView.ts';

test('two runs wait for the first, and start in the order that the user gives them', async ({
  workbench: page,
  sample,
}) => {
  const first = await writeConfiguration(sample, 'first', { training: LONG });
  const second = await writeConfiguration(sample, 'second', { training: LONG });
  const third = await writeConfiguration(sample, 'third', { training: { epochs: 1 } });
  await startRun(page, sample, 'first');
  await waitForStep(first, 1);
  await startRun(page, sample, 'second');
  await startRun(page, sample, 'third');
  await openRunsView(page);
  await expect(runRow(page, 'second')).toHaveAttribute('aria-label', /, Queued, .*\b1\b/);
  await expect(runRow(page, 'third')).toHaveAttribute('aria-label', /, Queued, .*\b2\b/);

  await runAction(page, runRow(page, 'third'), 'Start Earlier');
  await expect(runRow(page, 'third')).toHaveAttribute('aria-label', /, Queued, .*\b1\b/);
  await runAction(page, runRow(page, 'first'), 'Stop Run');
  await waitForStatus(first, 'stopped');
  await waitForStatus(third, 'finished');
  expect(await readEvents(second)).toEqual([]);
  await waitForStep(second, 1);
  await runAction(page, runRow(page, 'second'), 'Stop Run');
  await waitForStatus(second, 'stopped');
});
