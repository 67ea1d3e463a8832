/** "Compare Methods" from its questions to its report, with the engine's own jobs process. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compareMethods } from '../../extension/methodComparison/compareMethods.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { startJobsEngine } from '../connectionsView/jobsServer.ts';
import { SAMPLE } from '../jobs/sampleRun.ts';
import { answers, executedCommands, progressMessages, Uri } from '../vscode/fakeVscode.ts';

test('asks for methods and seeds, trains with progress, and opens the report', { timeout: 180_000 }, async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const workspace = join(folder, 'sample');
  await cp(SAMPLE, workspace, { recursive: true });
  const file = join(workspace, 'support.neuroada.json');
  const configuration = JSON.parse(await readFile(file, 'utf8')) as Record<string, Record<string, unknown>>;
  const data = { ...configuration['data'], limit: 32, evaluation: { count: 8 } };
  const training = { ...configuration['training'], maxSteps: 2 };
  await writeFile(file, JSON.stringify({ ...configuration, data, training }));

  answers.picked = ({ label }) => label === 'neuroada' || label === 'lora';
  answers.typed = ['7', '2'];
  const begun: string[] = [];
  await compareMethods(startJobsEngine(), Uri.file(file), (output) => begun.push(output));

  const [command, report] = executedCommands.at(-1)!;
  expect(command).toBe('markdown.showPreview');
  const { fsPath } = report as Uri;
  expect(fsPath.startsWith(join(workspace, 'runs', 'comparison-Support-desk-'))).toBe(true);
  expect(begun).toEqual([dirname(fsPath)]);
  const text = await readFile(fsPath, 'utf8');
  expect(text).toContain('| neuroada, k\u00a0=\u00a02 |');
  expect(text).toContain('| lora, r\u00a0=\u00a01 |');
  expect(progressMessages.some((message) => message.startsWith('training lora, r = 1, seed 7'))).toBe(true);
});
