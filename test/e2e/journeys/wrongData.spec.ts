/** A data file with a mistake is told at its line, before anything trains. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../journey.ts';
import { writeConfiguration } from '../sampleRun.ts';
import { openFile, runCommand } from '../workbench/palette.ts';
import { openProblems, problemRow } from '../workbench/problems.ts';

test('a wrong data file becomes a Problems entry at its line', async ({ workbench: page, sample }) => {
  const file = join(sample, 'train.jsonl');
  const lines = (await readFile(file, 'utf8')).split('\n');
  lines[16] = '{"prompt": "Message: half of a rec';
  lines[40] = '{"prompt": "Message: no completion here"}';
  await writeFile(file, lines.join('\n'));
  await writeConfiguration(sample, 'wrong');

  await openFile(page, 'wrong.neuroada.json');
  await runCommand(page, 'NeuroAda: Check Data');
  await expect(problemRow(page, /NeuroAda.*\[Ln 17, Col 1\]/)).toBeVisible();
  await expect(problemRow(page, /NeuroAda.*\[Ln 41, Col 1\]/)).toBeVisible();

  // A start is refused at the same place.
  await openFile(page, 'wrong.neuroada.json');
  await runCommand(page, 'NeuroAda: Start Training from This Configuration');
  await openProblems(page);
  await expect(problemRow(page, /NeuroAda.*\[Ln 17, Col 1\]/)).toBeVisible();
});
