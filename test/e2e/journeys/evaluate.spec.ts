/** A run evaluated on a published task, whose test file lies in a folder as its authors give it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../journey.ts';
import { eventsOf, waitForStatus } from '../runLog.ts';
import { startRun, writeConfiguration } from '../sampleRun.ts';
import { answer, waitForInputBox, waitForPick } from '../workbench/palette.ts';
import { openRunsView, runAction, runRow } from '../workbench/runsView.ts';
import { inEachTheme } from '../workbench/themes.ts';
import { expectDocumentAccessible, webview } from '../workbench/webview.ts';
import { editorTab } from '../workbench/workbench.ts';

const QUESTIONS = [
  ['Is the app of the bank a program?', 'true'],
  ['Does a laptop run without any power?', 'false'],
  ['Can an invoice be paid twice?', 'true'],
] as const;

/** The form of the test sets of LLM-Adapters. */
function publishedRecord([question, answer]: (typeof QUESTIONS)[number]): Readonly<Record<string, string>> {
  const asked = `Please answer the following question with true or false, question: ${question}`;
  return {
    instruction: `${asked}\n\nAnswer format: true/false`,
    input: '',
    output: `the correct answer is ${answer}`,
    answer,
  };
}

test('evaluate a run on a published task from the runs view', async ({ workbench: page, sample }) => {
  const published = join(sample, 'published');
  await mkdir(join(published, 'boolq'), { recursive: true });
  await writeFile(join(published, 'boolq/test.json'), JSON.stringify(QUESTIONS.map(publishedRecord), undefined, 4));
  const run = await writeConfiguration(sample, 'asked', { training: { epochs: 1 } });
  await startRun(page, sample, 'asked');
  await waitForStatus(run, 'finished');
  await openRunsView(page);
  await expect(runRow(page, 'asked')).toHaveAttribute('aria-label', /, Finished, /);

  await runAction(page, runRow(page, 'asked'), 'Evaluate Model');
  await waitForPick(page, 'What the model is asked');
  await inEachTheme(page, 'evaluate-questions', () => Promise.resolve());
  await answer(page, 'Commonsense');
  const folder = await waitForInputBox(page, /sample/);
  await folder.fill(`${published}/`);
  await page.locator('.quick-input-widget').getByRole('button', { name: 'Evaluate', exact: true }).click();
  await waitForPick(page, 'How many questions of each task');
  await page.keyboard.press('Enter');

  await expect(editorTab(page, /boolq/)).toBeVisible({ timeout: 120_000 });
  const document = webview(page);
  await expect(document.getByRole('heading', { level: 1 })).toContainText('boolq');
  await expect(document.locator('body')).toContainText('3 questions of boolq, judged as in its official evaluation');
  for (const [question] of QUESTIONS) await expect(document.getByRole('cell', { name: question })).toBeVisible();
  await inEachTheme(page, 'evaluation', () => expectDocumentAccessible(page));

  // The run keeps what it was asked, and its row in the tree can be opened.
  await expect.poll(async () => (await eventsOf(run, 'evaluated')).length).toBe(1);
  await openRunsView(page);
  await runRow(page, 'asked').click({ position: { x: 8, y: 10 } });
  await expect(runRow(page, /boolq/)).toBeVisible();
});
