/** "Compare Methods" from its questions to its report, with the engine's own jobs process. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfiguration } from '../../engine/configuration/configurationFile.ts';
import { compareJob } from '../../engine/jobs/comparison/compare.ts';
import { compareMethods } from '../../extension/methodComparison/compareMethods.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { startJobsEngine } from '../connectionsView/jobsServer.ts';
import { SAMPLE } from '../jobs/sampleRun.ts';
import { answers, executedCommands, progressMessages, Uri } from '../vscode/fakeVscode.ts';

async function sampleWorkspace(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const workspace = join(folder, 'sample');
  await cp(SAMPLE, workspace, { recursive: true });
  const file = join(workspace, 'support.neuroada.json');
  const configuration = JSON.parse(await readFile(file, 'utf8')) as Record<string, Record<string, unknown>>;
  const data = { ...configuration['data'], limit: 32, evaluation: { count: 8 } };
  const training = { ...configuration['training'], maxSteps: 2 };
  await writeFile(file, JSON.stringify({ ...configuration, data, training }));
  return workspace;
}

test('asks for methods and seeds, trains with progress, and opens the report', { timeout: 180_000 }, async () => {
  const workspace = await sampleWorkspace();
  const file = join(workspace, 'support.neuroada.json');

  answers.picked = ({ label }) => label === 'neuroada' || label === 'lora';
  answers.typed = ['7', '2'];
  answers.openPath = join(workspace, 'evaluation.jsonl');
  answers.labels = [undefined, 'Questions with Known Answers', 'A Data File', 'Contains'];
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
  expect(text).toMatch(/Score: accuracy on questions that every finished run was asked \(\d+ of evaluation\.jsonl\)/u);
  expect(progressMessages.some((message) => message.startsWith('training lora, r = 1, seed 7'))).toBe(true);
});

test('goes on with a comparison that was stopped, as it was asked for', { timeout: 180_000 }, async () => {
  const workspace = await sampleWorkspace();
  const configuration = await loadConfiguration({ file: join(workspace, 'support.neuroada.json'), folder: workspace });
  const output = join(workspace, 'runs', 'stopped');
  const stopping = new AbortController();
  stopping.abort();
  const asked = { configuration, methods: ['neuroada'], seeds: [3], ks: [], learningRates: {}, output } as const;
  await expect(compareJob(asked, { onEvent: () => undefined }, stopping.signal)).rejects.toThrow('cancelled');

  answers.found = [join(output, 'comparison.request.json')];
  answers.labels = ['Go on with stopped'];
  const begun: string[] = [];
  await compareMethods(startJobsEngine(), undefined, (folder) => begun.push(folder));
  expect(begun).toEqual([output]);
  const [, report] = executedCommands.at(-1)!;
  expect((report as Uri).fsPath).toBe(join(output, 'report.md'));
  expect(await readFile(join(output, 'report.md'), 'utf8')).toContain('over the seed 3');

  // What has its report is no longer offered: the search for configurations follows at once.
  answers.labels = [];
  delete answers.picked;
  const before = executedCommands.length;
  await compareMethods(startJobsEngine(), undefined, () => undefined);
  expect(executedCommands).toHaveLength(before);
});
