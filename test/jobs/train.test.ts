/** Training runs as a whole: stopped and resumed, each to the same bytes as an undisturbed run. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfiguration } from '../../engine/configuration/configurationFile.ts';
import { trainJob } from '../../engine/jobs/train.ts';
import type { RunConfiguration } from '../../engine/protocol/configuration.ts';
import type { RunEvent, StepEvent } from '../../engine/protocol/events.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const SAMPLE = join(REPOSITORY, 'media', 'sample', 'support.neuroada.json');

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function configuration(overrides: readonly string[] = []): Promise<RunConfiguration> {
  const small = [
    'training.maxSteps=12',
    'training.checkpointEvery=4',
    'training.evaluateEvery=5',
    'data.limit=64',
    'engine.threads=1',
  ];
  return loadConfiguration({ file: SAMPLE, overrides: overridesOf([...small, ...overrides]), folder: REPOSITORY });
}

function overridesOf(texts: readonly string[]): NonNullable<Parameters<typeof loadConfiguration>[0]['overrides']> {
  return texts.map((text) => {
    const [field = '', value = ''] = text.split('=');
    return { field, value: /^[\d.]+$/.test(value) ? Number(value) : value, flag: `--set ${field}` };
  });
}

/** Trains; stops after `stopAfter` steps where given. */
async function run(
  runFolder: string,
  config: RunConfiguration,
  resume = false,
  stopAfter = Infinity,
): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const stopping = new AbortController();
  const onEvent = (event: RunEvent): void => {
    events.push(event);
    if (event.type === 'step' && event.step >= stopAfter) stopping.abort();
  };
  await trainJob({ configuration: config, runFolder, resume }, { onEvent }, stopping.signal);
  return events;
}

const adapterBytes = (runFolder: string): Promise<Buffer> =>
  readFile(join(runFolder, 'adapter', 'adapter_model.safetensors'));

function losses(events: readonly RunEvent[]): Map<number, number> {
  return new Map(
    events.filter((event): event is StepEvent => event.type === 'step').map(({ step, loss }) => [step, loss]),
  );
}

describe('a stopped run', () => {
  test.each([
    ['whole graph', ['engine.plan=wholeGraph']],
    ['layered', ['engine.plan=layered', 'engine.savedActivations=none']],
    ['packed', ['training.batching=packed', 'data.maxLength=64', 'training.microBatchSize=2']],
  ])('goes on as if never stopped, %s', async (name, overrides) => {
    const config = await configuration(overrides);
    const whole = await run(join(folder, `${name} whole`), config);
    const stopped = join(folder, `${name} stopped`);
    const first = await run(stopped, config, false, 7);
    expect(first.at(-1)).toMatchObject({ type: 'status', status: 'stopped' });
    const second = await run(stopped, config, true);
    expect(second.at(-1)).toMatchObject({ type: 'status', status: 'finished' });
    expect(new Map([...losses(first), ...losses(second)])).toEqual(losses(whole));
    expect((await adapterBytes(stopped)).equals(await adapterBytes(join(folder, `${name} whole`)))).toBe(true);
  });
});

test('both plans and every micro-batch give the same run', async () => {
  const plans = [
    ['engine.plan=wholeGraph', 'training.microBatchSize=16'],
    ['engine.plan=layered', 'engine.savedActivations=none', 'training.microBatchSize=5'],
    ['engine.plan=layered', 'engine.savedActivations=all', 'training.microBatchSize=16'],
  ];
  const runs: Map<number, number>[] = [];
  for (const [index, overrides] of plans.entries()) {
    runs.push(losses(await run(join(folder, `plan ${String(index)}`), await configuration(overrides))));
  }
  const [reference = new Map<number, number>(), ...others] = runs;
  expect(reference.size).toBe(12);
  for (const [step, loss] of reference) for (const other of others) expect(other.get(step)).toBeCloseTo(loss, 3);
});

test('a run that diverges fails with its last finite adapter', async () => {
  const runFolder = join(folder, 'diverging');
  const config = await configuration([
    'training.learningRate=1000000000000000000000000000000',
    'training.warmupRatio=0',
  ]);
  await expect(run(runFolder, config)).rejects.toMatchObject({ code: 'training/notFinite' });
  const log = await readFile(join(runFolder, 'events.jsonl'), 'utf8');
  expect(log.trim().split('\n').at(-1)).toContain('training/notFinite');
  expect((await adapterBytes(runFolder)).length).toBeGreaterThan(0);
});
