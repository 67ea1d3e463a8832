/** What an agent does with the tools, in a window with a user: it looks without a question, and merges after consent. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { writeRun } from '../../inspection/runOnDisk.ts';
import { installAgent } from '../agent/install.ts';
import { expect, test as base } from '../journey.ts';
import { SETUP } from '../setup.ts';
import { answerDialog } from '../workbench/notifications.ts';
import { answer, runCommand } from '../workbench/palette.ts';
import { inEachTheme } from '../workbench/themes.ts';

const QUESTION = 'Merge the adapter of "small" into a new model in';

const test = base.extend({
  settings: { 'chat.disableAIFeatures': false },
  extensionsFolder: async ({ extensionsFolder, scratch }, use) =>
    use(await installAgent(process.env[SETUP.program]!, extensionsFolder, scratch)),
  sample: async ({ sample }, use) => {
    await writeRun(join(sample, 'runs/small'), 'llama', { runName: 'small', steps: [10], k: 2, isFinished: true });
    await use(sample);
  },
});

async function invokeTool(page: Page, name: string, input: object): Promise<void> {
  await runCommand(page, 'Agent: Invoke Tool');
  await answerInput(page, 'Tool', name);
  await answerInput(page, 'Input', JSON.stringify(input));
}

async function answerInput(page: Page, title: string, text: string): Promise<void> {
  await expect(page.locator('.quick-input-title')).toHaveText(title);
  await answer(page, text);
}

test('an agent lists runs and merges one, after the user agreed', async ({ workbench: page, sample }) => {
  const answered = page.locator('.part.editor .monaco-editor .view-lines');
  await invokeTool(page, 'list_runs', {});
  await expect(answered).toContainText('"name": "small"');
  await expect(answered).toContainText('"canBeMerged": true');

  const output = join(sample, 'merged');
  await invokeTool(page, 'merge_adapter', { run: 'small', output });
  const dialog = page.locator('.monaco-dialog-box');
  await expect(dialog).toContainText('Merge into Base Model');
  await inEachTheme(page, 'tool-confirmation', () => Promise.resolve());
  await answerDialog(page, QUESTION, 'Cancel');
  await expect(answered.last()).toContainText(/cancel/i);
  expect(existsSync(output)).toBe(false);

  await invokeTool(page, 'merge_adapter', { run: 'small', output });
  await answerDialog(page, QUESTION, 'Yes');
  await expect.poll(() => existsSync(join(output, 'neuroada_merge.json')), { timeout: 60_000 }).toBe(true);
  await expect(answered.last()).toContainText('"inWords": "Verified');
});
