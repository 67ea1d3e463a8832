/** Methods of fine-tuning compared on the embedded sample, from the palette to the report. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../journey.ts';
import { writeConfiguration } from '../sampleRun.ts';
import { answer, runCommand, waitForInput, waitForPick } from '../workbench/palette.ts';
import { inEachTheme } from '../workbench/themes.ts';
import { expectDocumentAccessible, webview } from '../workbench/webview.ts';
import { editorTab } from '../workbench/workbench.ts';

const COMPARING_LIMIT_MS = 240_000;
const METHODS = ['neuroada', 'masked', 'full', 'lora'];

test('compare methods from the palette to the report', async ({ workbench: page, sample }) => {
  test.slow();
  const data = { train: 'train.jsonl', evaluation: 'evaluation.jsonl', maxLength: 128, limit: 64 };
  await writeConfiguration(sample, 'quick', { data, training: { maxSteps: 4 } });
  await runCommand(page, 'NeuroAda: Compare Methods');
  await waitForPick(page, 'What every run has in common');
  await answer(page, 'quick');
  await waitForPick(page, 'Methods');
  await inEachTheme(page, 'methods', () => Promise.resolve());
  await page.keyboard.press('Enter');
  await waitForInput(page, '1, 2, 3');
  await answer(page, '1, 2');
  await waitForInput(page, '');
  await page.keyboard.press('Enter');
  await waitForPick(page, 'What the finished runs are scored by');
  await page.keyboard.press('Enter');

  await expect(editorTab(page, /report\.md/)).toBeVisible({ timeout: COMPARING_LIMIT_MS });
  const report = webview(page);
  await expect(report.getByRole('heading', { level: 1 })).toBeVisible();
  for (const method of METHODS)
    await expect(report.getByRole('cell', { name: new RegExp(`^${method}`) }).first()).toBeVisible();
  await expect(report.getByRole('img').first()).toBeVisible();
  await inEachTheme(page, 'methods-report', () => expectDocumentAccessible(page));

  const [folder] = (await readdir(join(sample, 'runs'))).filter((name) => name.startsWith('comparison-'));
  const table = await readFile(join(sample, 'runs', folder!, 'comparison.csv'), 'utf8');
  for (const method of METHODS) expect(table).toContain(method);
});
