/** In a workspace that is not trusted runs can be looked at, and nothing starts. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../journey.ts';
import { notification } from '../workbench/notifications.ts';
import { openFile, runCommand } from '../workbench/palette.ts';
import { openRunsView, runRow, runsView } from '../workbench/runsView.ts';
import { writeConfiguration } from '../sampleRun.ts';

test.use({ hasWorkspaceTrust: true });

test('an untrusted workspace shows runs and trains nothing', async ({ workbench: page, sample }) => {
  await openRunsView(page);
  await expect(runsView(page)).toContainText('need a trusted workspace');
  const shown = join(sample, 'runs/shown');
  await mkdir(shown, { recursive: true });
  await writeFile(join(shown, 'events.jsonl'), '{"type":"log","schemaVersion":1}\n');
  await writeFile(join(shown, 'request.json'), '{"schemaVersion":1,"name":"shown","createdTime":1}\n');
  await expect(runRow(page, 'shown')).toBeVisible();

  const folder = await writeConfiguration(sample, 'forbidden');
  await openFile(page, 'forbidden.neuroada.json');
  await runCommand(page, 'NeuroAda: Start Training from This Configuration');
  await expect(notification(page, 'need a trusted workspace')).toBeVisible();
  await runCommand(page, 'NeuroAda: Start Training Run');
  await expect(page.locator('.quick-input-title')).toBeHidden();
  expect(existsSync(folder)).toBe(false);
});
