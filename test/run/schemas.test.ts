/** ARCHITECTURE.md names every file of a run and of a merge, and every field in them, as they are really written. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { mergeJob } from '../../engine/jobs/merging/merge.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { runSample, sampleConfiguration } from '../jobs/sampleRun.ts';

type Json = Record<string, unknown>;

const ARCHITECTURE = readFileSync(join(import.meta.dirname, '..', '..', 'ARCHITECTURE.md'), 'utf8');

const parsed = (path: string): Json => JSON.parse(readFileSync(path, 'utf8')) as Json;

test('what is written down is what is written', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [run, merged] = [join(folder, 'run'), join(folder, 'merged')];
  await runSample(run, await sampleConfiguration({ 'training.maxSteps': 4 }));
  const request = { adapters: [run], output: merged, dtype: 'base', allowOtherBase: false, verify: true } as const;
  await mergeJob(request, { onEvent: () => undefined }, new AbortController().signal);

  const checkpoint = join(run, 'checkpoints', readdirSync(join(run, 'checkpoints'))[0] ?? '');
  const [header, ...events] = readFileSync(join(run, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
  const files: readonly (readonly [Json, version: string])[] = [
    [header ?? {}, 'schemaVersion'],
    [parsed(join(run, 'run.json')), 'schemaVersion'],
    [parsed(join(run, 'selection.json')), 'schemaVersion'],
    [parsed(join(checkpoint, 'state.json')), 'schemaVersion'],
    [parsed(join(run, 'adapter', 'adapter_config.json')), 'schema_version'],
    [parsed(join(merged, 'neuroada_merge.json')), 'schema_version'],
  ];
  for (const [content, version] of files) expect(content[version]).toBe(1);
  const steps = events.filter(({ type }) => type === 'step');
  const names = [
    ...['run.json', 'neuroada_merge.json', ...readdirSync(join(run, 'adapter')), ...readdirSync(checkpoint)],
    ...readdirSync(run).map((name) => name.replace(/^checkpoints$/, 'checkpoints/step-NNNNNN')),
    ...files.slice(1).flatMap(([content]) => Object.keys(content)),
    ...events.map(({ type }) => String(type)),
    ...steps.flatMap((step) => Object.keys(step)),
  ];
  expect(events.map(({ type }) => type)).toContain('merged');
  const isNamed = (name: string): boolean =>
    [`\`${name}\``, `\`${name}/\``].some((text) => ARCHITECTURE.includes(text));
  expect(names.filter((name) => !isNamed(name))).toEqual([]);
});
