/** Training runs as a whole: stopped, killed and resumed, each to the same bytes as an undisturbed run. */
import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfiguration } from '../../engine/configuration/configurationFile.ts';
import { trainJob } from '../../engine/jobs/train.ts';
import type { RunConfiguration } from '../../engine/protocol/configuration.ts';
import type { RunEvent, StepEvent } from '../../engine/protocol/events.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const SAMPLE = join(REPOSITORY, 'media', 'sample', 'support.neuroada.json');
const KILLS = Number(process.env['NEUROADA_TEST_KILLS'] ?? '5');

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

test('a run that is killed again and again ends in the same adapter', { timeout: 240_000 }, async () => {
  const config = await configuration(['training.maxSteps=60', 'training.checkpointEvery=2']);
  await run(join(folder, 'undisturbed'), config);
  const killed = join(folder, 'killed');
  const flags = [
    '--set',
    'training.maxSteps=60',
    '--set',
    'training.checkpointEvery=2',
    '--set',
    'training.evaluateEvery=5',
  ];
  const others = ['--set', 'data.limit=64', '--set', 'engine.threads=1'];
  const start = ['train', SAMPLE, '--output', killed, ...flags, ...others];
  for (let kill = 0; kill < KILLS; kill++)
    await killAfter(kill === 0 ? start : await command(killed, start), 900 + ((kill * 377) % 900));
  await finish(await command(killed, start));
  expect((await adapterBytes(killed)).equals(await adapterBytes(join(folder, 'undisturbed')))).toBe(true);
});

/** Resumes what is a run already, else starts it again. */
async function command(runFolder: string, start: readonly string[]): Promise<readonly string[]> {
  const isRun = await readFile(join(runFolder, 'run.json')).then(
    () => true,
    () => false,
  );
  return isRun ? ['train', '--resume', runFolder] : start;
}

function cli(parts: readonly string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, [join(REPOSITORY, 'engine', 'cli', 'main.ts'), ...parts], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function killAfter(parts: readonly string[], delayMs: number): Promise<void> {
  const child = cli(parts);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await Promise.race([delay(delayMs), ended]);
  child.kill('SIGKILL');
  await ended;
}

async function finish(parts: readonly string[]): Promise<void> {
  const child = cli(parts);
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code, output).toBe(0);
}
