/** Merging from the explorer makes a checkpoint that was run; a cancelled merge leaves nothing. */
import { existsSync } from 'node:fs';
import { cp, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../journey.ts';
import { waitForStatus } from '../runLog.ts';
import { startRun, writeConfiguration } from '../sampleRun.ts';
import { expandFolders, explorerAction, explorerRow, openExplorer } from '../workbench/explorer.ts';
import { notification, pressNotificationButton } from '../workbench/notifications.ts';
import { answer, waitForInput, waitForPick } from '../workbench/palette.ts';
import { inEachTheme } from '../workbench/themes.ts';
import { editorTab } from '../workbench/workbench.ts';

const MERGE = 'NeuroAda: Merge into Base Model';
const PADDING_BYTES = 1 << 30;

/** The sample's checkpoint with a large tensor that its model does not use, so that a merge takes some seconds. */
async function writeLargeCheckpoint(sample: string): Promise<void> {
  await cp(join(sample, 'checkpoint'), join(sample, 'large'), { recursive: true });
  const file = await open(join(sample, 'large/model.safetensors'), 'r+');
  const { size } = await file.stat();
  const bytes = Buffer.alloc(size);
  await file.read(bytes, 0, size, 0);
  const headerBytes = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<string, unknown>;
  const dataBytes = size - 8 - headerBytes;
  header['unused.weight'] = {
    dtype: 'F32',
    shape: [PADDING_BYTES / 4],
    data_offsets: [dataBytes, dataBytes + PADDING_BYTES],
  };
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  await file.truncate(0);
  await file.write(Buffer.concat([length, padded, bytes.subarray(8 + headerBytes)]), 0, undefined, 0);
  await file.truncate(8 + padded.length + dataBytes + PADDING_BYTES);
  await file.close();
}

/** From the explorer's menu to the question where to. */
async function mergeAdapter(page: Page, answerWhereTo: () => Promise<void>): Promise<void> {
  await openExplorer(page);
  await explorerAction(page, 'adapter_model.safetensors', MERGE);
  await waitForPick(page, 'Merge into Base Model');
  await page.keyboard.press('Enter');
  await answerWhereTo();
}

test('merge from the explorer is verified, and a cancelled one leaves nothing', async ({ workbench: page, sample }) => {
  await writeLargeCheckpoint(sample);
  const folder = await writeConfiguration(sample, 'trained', { base: 'large', training: { maxSteps: 5 } });
  await startRun(page, sample, 'trained');
  await waitForStatus(folder, 'finished');

  await openExplorer(page);
  await expandFolders(page, ['runs', 'adapter']);
  const output = join(sample, 'large-trained');
  await mergeAdapter(page, () => waitForInput(page, output));
  await page.keyboard.press('Enter');
  await expect(notification(page, 'the merged model answers as base and adapter do')).toBeVisible({ timeout: 60_000 });
  await inEachTheme(page, 'merge-result', () => Promise.resolve());
  await pressNotificationButton(page, 'Merged into large-trained', 'Reveal');
  await expect(explorerRow(page, 'large-trained')).toHaveClass(/\bselected\b/);
  expect((await readdir(output)).sort()).toEqual([
    'README.md',
    'config.json',
    'generation_config.json',
    'model.safetensors',
    'neuroada_merge.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);

  await mergeAdapter(page, () => answer(page, join(sample, 'again')));
  await pressNotificationButton(page, 'Merged into again', 'Open');
  await expect(editorTab(page, 'config.json')).toBeVisible();

  const before = await readdir(sample);
  const cancelled = join(sample, 'large-cancelled');
  await mergeAdapter(page, () => answer(page, cancelled));
  await pressNotificationButton(page, 'Merging into large-cancelled', 'Cancel');
  await expect(notification(page, 'Merging into')).toBeHidden();
  expect(existsSync(cancelled)).toBe(false);
  // The editor hides the progress at once; the engine needs a moment to remove what it had begun.
  await expect.poll(() => readdir(sample)).toEqual(before);
});
