/** Every method through whole runs: both plans, resumed as if never stopped, merged, and what they have in common. */
import { access, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { writeSafetensors, type TensorToWrite } from '../../engine/checkpoint/safetensors/safetensorsWriter.ts';
import { mergeJob } from '../../engine/jobs/merging/merge.ts';
import { METHODS, type Method } from '../../engine/protocol/configuration/methods.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { adapterBytes, lossesOf, runSample, SAMPLE, sampleConfiguration } from './sampleRun.ts';

let folder: string;
/** The sample with biases of zero, which BitFit needs. */
let biased: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  biased = join(folder, 'biased');
  await writeBiased(join(SAMPLE, 'checkpoint'), biased);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const QUIET = { onEvent: () => undefined };
const SIGNAL = new AbortController().signal;
const PLANS = {
  layered: { 'engine.plan': 'layered', 'engine.savedActivations': 'none' },
  'whole graph': { 'engine.plan': 'wholeGraph' },
} as const;
/** Rates at which each method learns something within a few steps. */
const RATES: Readonly<Record<Method, number>> = {
  neuroada: 0.02,
  masked: 0.02,
  superTuning: 0.02,
  shira: 0.02,
  full: 1e-3,
  bitfit: 0.02,
  lora: 0.02,
};

function changesOf(method: Method): Record<string, unknown> {
  return {
    method,
    base: biased,
    'training.learningRate': RATES[method],
    ...(method === 'lora' ? { 'lora.r': 2, 'lora.dropout': 0.25 } : {}),
  };
}

describe.each(METHODS)('%s', (method) => {
  test.each(Object.entries(PLANS))('%s: a stopped run goes on as if never stopped', async (plan, planChanges) => {
    const configuration = await sampleConfiguration({ ...changesOf(method), ...planChanges });
    const whole = join(folder, `${method} ${plan}`);
    const stopped = join(folder, `${method} ${plan} stopped`);
    const losses = lossesOf(await runSample(whole, configuration));
    const first = await runSample(stopped, configuration, { stopAfter: 7 });
    const second = await runSample(stopped, configuration, { resume: true });
    expect(new Map([...lossesOf(first), ...lossesOf(second)])).toEqual(losses);
    expect((await adapterBytes(stopped)).equals(await adapterBytes(whole))).toBe(true);
    expect(losses.get(12)!).toBeLessThan(losses.get(1)! - 0.1);
  });

  test('both plans give the same run', async () => {
    const [layered, whole] = await Promise.all(
      Object.keys(PLANS).map(async (plan) => lossesIn(join(folder, `${method} ${plan}`))),
    );
    expect(layered!.size).toBe(12);
    for (const [step, loss] of layered!) expect(whole!.get(step)).toBeCloseTo(loss, 3);
  });

  test('merges, and the merged model computes what base and adapter compute', async () => {
    const run = join(folder, `${method} layered`);
    const request = { adapters: [run], output: join(folder, `${method} merged`), dtype: 'base', verify: true } as const;
    const result = await mergeJob({ ...request, allowOtherBase: false }, QUIET, SIGNAL);
    expect(result.changedEntries).toBeGreaterThan(0);
    expect(result.maxLogitDifference).toBeLessThan(1e-4);
  });
});

test('a mask trains what NeuroAda trains', async () => {
  const neuroada = await lossesIn(join(folder, 'neuroada layered'));
  for (const [step, loss] of await lossesIn(join(folder, 'masked layered'))) {
    expect(loss).toBeCloseTo(neuroada.get(step)!, 3);
  }
});

test('dropout is drawn anew in every step, the same from the same seed', async () => {
  const [first, again, other, none] = await Promise.all(
    [{ seed: 1 }, { seed: 1 }, { seed: 2 }, { seed: 1, dropout: 0 }].map(async ({ seed, dropout = 0.5 }, index) => {
      const changes = { method: 'lora', 'training.seed': seed, 'lora.dropout': dropout, 'training.maxSteps': 3 };
      const rates = { 'training.learningRate': 0.02, 'training.warmupRatio': 0 };
      return lossesOf(
        await runSample(join(folder, `dropout ${String(index)}`), await sampleConfiguration({ ...changes, ...rates })),
      );
    }),
  );
  expect(first).toEqual(again);
  expect(first!.get(3)).not.toBe(other!.get(3));
  // B is zero at first, so nothing is dropped that counts.
  expect(first!.get(1)).toBe(none!.get(1));
  expect(first!.get(3)).not.toBe(none!.get(3));
});

describe('refuses before the run starts', () => {
  test.each([
    [
      'a method on a device that cannot train it',
      { method: 'lora', 'engine.device': 'webgpu' },
      'run/methodNotOnDevice',
    ],
    [
      'float16 on a device that does not compute it',
      { 'engine.precision': 'float16', 'engine.device': 'cpu' },
      'run/precisionNotOnDevice',
    ],
    ['BitFit without biases', { method: 'bitfit' }, 'method/noBiases'],
    [
      'a strategy that the method does not have',
      { method: 'shira', 'selection.strategy': 'reverse' },
      'method/noSuchChoice',
    ],
    [
      'a share of neurons that the method does not have',
      { method: 'full', 'selection.neuronShare': 0.5 },
      'method/noSuchChoice',
    ],
  ])('%s', async (name, changes, code) => {
    const run = runSample(join(folder, name), await sampleConfiguration(changes));
    await expect(run).rejects.toMatchObject({ code });
    await expect(access(join(folder, name))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

async function lossesIn(run: string): Promise<ReadonlyMap<number, number>> {
  const { replayEvents } = await import('../../engine/run/eventReader.ts');
  return lossesOf(await replayEvents(join(run, 'events.jsonl')));
}

async function writeBiased(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  const config = JSON.parse(await readFile(join(from, 'config.json'), 'utf8')) as Record<string, unknown>;
  await writeFile(join(to, 'config.json'), JSON.stringify({ ...config, attention_bias: true }));
  const checkpoint = await openCheckpoint(from);
  const tensors: TensorToWrite[] = [];
  for (const [name, { file, entry }] of checkpoint.tensors) {
    tensors.push({ name, dtype: entry.dtype, shape: entry.shape, bytes: await file.read(name) });
    if (!/self_attn\.[qkvo]_proj\.weight$/.test(name)) continue;
    const [rows = 0] = entry.shape;
    const bytes = new Uint8Array(rows * (entry.dtype === 'F32' ? 4 : 2));
    tensors.push({ name: name.replace(/weight$/, 'bias'), dtype: entry.dtype, shape: [rows], bytes });
  }
  await checkpoint.close();
  await writeSafetensors(join(to, 'model.safetensors'), tensors, { format: 'pt' });
}
