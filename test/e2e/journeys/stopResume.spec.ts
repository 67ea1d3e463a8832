/** Stopping and resuming changes nothing of what a run learns. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_FOLDER } from '../editor/packagedExtension.ts';
import { expect, test } from '../journey.ts';
import { waitForStatus, waitForStep } from '../runLog.ts';
import { startRun, writeConfiguration } from '../sampleRun.ts';
import { openRunsView, runAction, runRow } from '../workbench/runsView.ts';

const ADAPTER = 'adapter/adapter_model.safetensors';

test('a stopped and resumed run ends with the adapter of an undisturbed one', async ({ workbench: page, sample }) => {
  const folder = await writeConfiguration(sample, 'paused', { training: { epochs: 12 } });
  await startRun(page, sample, 'paused');
  await openRunsView(page);
  const row = runRow(page, 'paused');
  await waitForStep(folder, 30);
  await runAction(page, row, 'Stop Run');
  await waitForStatus(folder, 'stopped');
  await expect(row).toHaveAttribute('aria-label', /, Stopped, /);
  await runAction(page, row, 'Resume Run');
  await waitForStatus(folder, 'finished');
  await expect(row).toHaveAttribute('aria-label', /, Finished, /);

  const undisturbed = join(sample, 'runs/undisturbed');
  const cli = [join(PROJECT_FOLDER, 'dist/engine/cli.mjs'), 'train', join(sample, 'paused.neuroada.json')];
  await promisify(execFile)(process.execPath, [...cli, '--output', undisturbed]);
  expect(await readFile(join(folder, ADAPTER))).toEqual(await readFile(join(undisturbed, ADAPTER)));
  // What the command line trained shows up by itself.
  await expect(runRow(page, 'paused')).toHaveCount(2);
});
