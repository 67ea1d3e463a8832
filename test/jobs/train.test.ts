/** Training runs as a whole: stopped and resumed, each to the same bytes as an undisturbed run. */
import { appendFile, cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import { replayEvents } from '../../engine/run/eventReader.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { flipByte } from '../checkpoint/handmadeFile.ts';
import { adapterBytes, lossesOf, runSample, SAMPLE, sampleConfiguration } from './sampleRun.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a stopped run', () => {
  test.each([
    ['whole graph', { 'engine.plan': 'wholeGraph' }],
    ['layered', { 'engine.plan': 'layered', 'engine.savedActivations': 'none' }],
    ['packed', { 'training.batching': 'packed', 'data.maxLength': 64, 'training.microBatchSize': 2 }],
    ['random', { 'selection.strategy': 'random', 'selection.neuronShare': 0.5, 'training.batching': 'shuffled' }],
  ])('goes on as if never stopped, %s', async (name, changes) => {
    const configuration = await sampleConfiguration(changes);
    const whole = await runSample(join(folder, `${name} whole`), configuration);
    const stopped = join(folder, `${name} stopped`);
    const first = await runSample(stopped, configuration, { stopAfter: 7 });
    expect(first.at(-1)).toMatchObject({ type: 'status', status: 'stopped' });
    const second = await runSample(stopped, configuration, { resume: true });
    expect(second.at(-1)).toMatchObject({ type: 'status', status: 'finished' });
    expect(new Map([...lossesOf(first), ...lossesOf(second)])).toEqual(lossesOf(whole));
    expect((await adapterBytes(stopped)).equals(await adapterBytes(join(folder, `${name} whole`)))).toBe(true);
  });

  test('passes over a damaged checkpoint, with a warning, and ends the same', async () => {
    const configuration = await sampleConfiguration();
    const whole = await runSample(join(folder, 'undamaged'), configuration);
    const stopped = join(folder, 'damaged');
    await runSample(stopped, configuration, { stopAfter: 9 });
    await flipByte(join(stopped, 'checkpoints', 'step-000009', 'state.safetensors'), -1);
    const second = await runSample(stopped, configuration, { resume: true });
    expect(second).toContainEqual(expect.objectContaining({ type: 'message', code: 'run/damagedCheckpoint' }));
    expect(second).toContainEqual(expect.objectContaining({ type: 'resumed', step: 8 }));
    expect(lossesOf(await replayEvents(join(stopped, 'events.jsonl')))).toEqual(lossesOf(whole));
    expect((await adapterBytes(stopped)).equals(await adapterBytes(join(folder, 'undamaged')))).toBe(true);
  });
});

test('both plans and every micro-batch give the same run', async () => {
  const plans = [
    { 'engine.plan': 'wholeGraph', 'training.microBatchSize': 16 },
    { 'engine.plan': 'layered', 'engine.savedActivations': 'none', 'training.microBatchSize': 5 },
    { 'engine.plan': 'layered', 'engine.savedActivations': 'all', 'training.microBatchSize': 16 },
  ];
  const runs: ReadonlyMap<number, number>[] = [];
  for (const [index, changes] of plans.entries()) {
    runs.push(lossesOf(await runSample(join(folder, `plan ${String(index)}`), await sampleConfiguration(changes))));
  }
  const [reference = new Map<number, number>(), ...others] = runs;
  expect(reference.size).toBe(12);
  for (const [step, loss] of reference) for (const other of others) expect(other.get(step)).toBeCloseTo(loss, 3);
});

test('a run that diverges fails with its last finite adapter, and can be resumed to the same failure', async () => {
  const runFolder = join(folder, 'diverging');
  const configuration = await sampleConfiguration({
    'training.learningRate': 1e30,
    'training.warmupRatio': 0,
    'training.checkpointEvery': 1,
  });
  await expect(runSample(runFolder, configuration)).rejects.toMatchObject({ code: 'training/notFinite' });
  const log = await readFile(join(runFolder, 'events.jsonl'), 'utf8');
  expect(log.trim().split('\n').at(-1)).toContain('training/notFinite');
  const adapter = await openSafetensors(join(runFolder, 'adapter', 'adapter_model.safetensors'));
  for (const [name, { dtype }] of adapter.tensors) {
    if (!name.endsWith('.deltas')) continue;
    expect(dtype).toBe('F32');
    expect(new Float32Array((await adapter.read(name)).buffer).every(Number.isFinite)).toBe(true);
  }
  await adapter.close();
  await expect(runSample(runFolder, configuration, { resume: true })).rejects.toMatchObject({
    code: 'training/notFinite',
  });
});

describe('a run whose input changed', () => {
  /** A stopped run on copies of base and data. */
  async function stoppedRun(name: string): Promise<{ readonly run: string; readonly copy: string }> {
    const [run, copy] = [join(folder, name), join(folder, `${name} sample`)];
    await cp(SAMPLE, copy, { recursive: true, filter: (path) => !path.includes('recipe') });
    const configuration = await sampleConfiguration({
      ...{ base: join(copy, 'checkpoint'), 'data.train': join(copy, 'train.jsonl') },
      'data.evaluation': join(copy, 'evaluation.jsonl'),
    });
    await runSample(run, configuration, { stopAfter: 5 });
    return { run, copy };
  }

  const refusalOf = async (run: string): Promise<unknown> =>
    runSample(run, await sampleConfiguration(), { resume: true }).catch((error: unknown) => error);

  test.each(['train.jsonl', 'evaluation.jsonl'])('%s is not resumed', async (name) => {
    const { run, copy } = await stoppedRun(`changed ${name}`);
    await appendFile(join(copy, name), '{"prompt":"One more","completion":"billing"}\n');
    const error = await refusalOf(run);
    expect(error).toMatchObject({ code: 'run/changedInput', place: { file: join(copy, name) } });
    expect((error as Error).message).toContain('start a new run');
  });

  test('base is not resumed, and is resumed once it is restored', async () => {
    const { run, copy } = await stoppedRun('changed base');
    const base = join(copy, 'checkpoint');
    const checkpoint = await openCheckpoint(base);
    const { position } = checkpoint.tensor('model.norm.weight').entry;
    await checkpoint.close();
    await flipByte(join(base, 'model.safetensors'), position);
    expect(await refusalOf(run)).toMatchObject({ code: 'run/changedInput', place: { file: base } });
    await flipByte(join(base, 'model.safetensors'), position);
    const events = await runSample(run, await sampleConfiguration(), { resume: true });
    expect(events.at(-1)).toMatchObject({ status: 'finished' });
  });
});
