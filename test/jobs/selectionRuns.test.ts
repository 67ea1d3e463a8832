/** Every way to select, through whole runs: what was selected, that only that is trained, and that only that is merged. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAdapter } from '../../engine/adapter/adapter.ts';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { planEpoch } from '../../engine/data/batches/epochPlan.ts';
import { collate } from '../../engine/data/batches/microBatch.ts';
import { mergeJob } from '../../engine/jobs/merging/merge.ts';
import { prepareData } from '../../engine/jobs/preparation/preparation.ts';
import { selectJob } from '../../engine/jobs/select.ts';
import { loadWeights } from '../../engine/model/weights/residentWeights.ts';
import type { RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import type { SelectionStatistics } from '../../engine/protocol/runs/selectionStatistics.ts';
import { deltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import { createLayeredPlan } from '../../engine/training/plans/layeredPlan.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { runSample, sampleConfiguration } from './sampleRun.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const QUIET = { onEvent: () => undefined };
const SIGNAL = new AbortController().signal;

async function statisticsIn(path: string): Promise<SelectionStatistics> {
  return JSON.parse(await readFile(join(path, 'selection.json'), 'utf8')) as SelectionStatistics;
}

async function adapterOf(run: string, { base }: RunConfiguration): Promise<Awaited<ReturnType<typeof readAdapter>>> {
  const checkpoint = await openCheckpoint(base);
  await checkpoint.close();
  return readAdapter(join(run, 'adapter'), checkpoint.config);
}

/** Sum over batches of |gradient| of every weight of a module, by training deltas on all of its connections. */
async function absoluteGradients(configuration: RunConfiguration, module: string): Promise<Float32Array> {
  const { checkpoint, tokenizer, data } = await prepareData(configuration, 0, () => undefined, SIGNAL);
  const weights = await loadWeights(checkpoint);
  const [rows = 0, columns = 0] = checkpoint.tensor(`${module}.weight`).entry.shape;
  await checkpoint.close();
  const indices = Int32Array.from({ length: rows * columns }, (_, index) => index % columns);
  const layout = deltaLayout(weights.config, [{ module, rows, columns, k: columns, neurons: null, indices }]);
  const plan = await createLayeredPlan(weights, layout, { device: 'cpu', threads: 1 }, 'none');
  const { examples } = data.train;
  const lengths = Int32Array.from(examples, ({ tokens }) => tokens.length);
  const { training, selection } = configuration;
  const batches = planEpoch(lengths, { ...training, maxLength: configuration.data.maxLength, epoch: 0 });
  const sums = new Float32Array(rows * columns);
  for (const batch of batches.slice(0, selection.gradientBatches)) {
    const collated = collate(
      batch.map((row) => row.map((number) => examples[number]!)),
      tokenizer.padTokenId ?? 0,
    );
    const gradients = new Float32Array(layout.size);
    await plan.accumulate(collated, 1 / collated.labels.length, gradients);
    gradients.forEach((gradient, index) => (sums[index]! += Math.abs(gradient)));
  }
  await plan.release();
  return sums;
}

test('gradient: the connections of largest |gradient| over the first batches', async () => {
  const module = 'model.layers.1.mlp.up_proj';
  const configuration = await sampleConfiguration({
    'selection.strategy': 'gradient',
    'selection.k': 2,
    'selection.gradientBatches': 3,
    'training.maxSteps': 2,
  });
  const run = join(folder, 'gradient');
  await runSample(run, configuration);
  expect(await statisticsIn(run)).toMatchObject({ strategy: 'gradient', k: 2 });
  const { modules } = await adapterOf(run, configuration);
  const { indices, rows, columns } = modules.find((candidate) => candidate.module === module)!;
  const scores = await absoluteGradients(configuration, module);
  let agreeing = 0;
  for (let row = 0; row < rows; row += 1) {
    const own = scores.subarray(row * columns, (row + 1) * columns);
    const largest = [...own.keys()].sort((a, b) => own[b]! - own[a]!).slice(0, 2);
    const selected = [...indices.subarray(row * 2, row * 2 + 2)];
    if (largest.sort((a, b) => a - b).join() === selected.join()) agreeing += 1;
  }
  // Two ways to compute a gradient differ in the last bits, which may decide between two that are nearly equal.
  expect(agreeing / rows).toBeGreaterThan(0.99);
  const alone = join(folder, 'gradient alone');
  await selectJob({ configuration, output: alone }, QUIET, SIGNAL);
  const files = await Promise.all([run, alone].map((path) => readFile(join(path, 'selection.safetensors'))));
  expect(files[0]!.equals(files[1]!)).toBe(true);
});

test('a budget: the largest k whose deltas stay within the share', async () => {
  const share = 0.02;
  const configuration = await sampleConfiguration({
    'selection.k': undefined,
    'selection.trainableShare': share,
    'training.maxSteps': 2,
  });
  const run = join(folder, 'budget');
  await runSample(run, configuration);
  const { k, trainableParameters, totalParameters } = await statisticsIn(run);
  const { modules } = await adapterOf(run, configuration);
  const deltas = modules.reduce((total, module) => total + module.deltas.length, 0);
  const neurons = modules.reduce((total, { rows }) => total + rows, 0);
  expect(deltas).toBe(trainableParameters);
  expect(k).toBeGreaterThan(1);
  expect(deltas).toBe(neurons * k);
  expect(deltas).toBeLessThanOrEqual(share * totalParameters);
  expect(deltas + neurons).toBeGreaterThan(share * totalParameters);
  const tooSmall = await sampleConfiguration({ 'selection.k': undefined, 'selection.trainableShare': 1e-6 });
  await expect(runSample(join(folder, 'too small'), tooSmall)).rejects.toMatchObject({
    code: 'selection/budgetTooSmall',
  });
});

test('a share of neurons of modules named by patterns: nothing else is trained or merged', async () => {
  const configuration = await sampleConfiguration({
    'selection.neuronShare': 0.25,
    'selection.targetModules': ['q_proj', 'model.layers.*.mlp.down_proj'],
  });
  const run = join(folder, 'patterns');
  await runSample(run, configuration);
  const { modules } = await adapterOf(run, configuration);
  const base = await openCheckpoint(configuration.base);
  const { layerCount } = base.config;
  expect(modules.map(({ module }) => module)).toEqual(
    Array.from({ length: layerCount }, (_, layer) => [
      `model.layers.${String(layer)}.self_attn.q_proj`,
      `model.layers.${String(layer)}.mlp.down_proj`,
    ]).flat(),
  );
  for (const { rows, neurons, deltas } of modules) {
    expect(neurons).toHaveLength(Math.round(rows / 4));
    expect(deltas.filter((delta) => delta !== 0).length).toBeGreaterThan(0.9 * deltas.length);
  }
  const output = join(folder, 'patterns merged');
  const request = { adapters: [run], output, dtype: 'base', allowOtherBase: false, verify: true } as const;
  const { maxLogitDifference } = await mergeJob(request, QUIET, SIGNAL);
  expect(maxLogitDifference).toBeLessThan(1e-4);
  const merged = await openCheckpoint(output);
  for (const name of base.tensors.keys()) {
    const [before, after] = [await base.readFloat32(name), await merged.readFloat32(name)];
    const selected = modules.find(({ module }) => `${module}.weight` === name);
    const changed = [...before.keys()].filter((index) => before[index] !== after[index]);
    const allowed = new Set(
      [...(selected?.indices ?? [])].map(
        (column, entry) => selected!.neurons![Math.floor(entry / selected!.k)]! * selected!.columns + column,
      ),
    );
    expect(changed.filter((index) => !allowed.has(index))).toEqual([]);
    expect(changed.length > 0).toBe(selected !== undefined);
  }
  await base.close();
  await merged.close();
});

test('a pattern that matches nothing is told with the names that there are', async () => {
  const configuration = await sampleConfiguration({ 'selection.targetModules': ['c_attn'] });
  await expect(runSample(join(folder, 'no module'), configuration)).rejects.toThrow(
    /"c_attn" matches none of the checkpoint's modules, which are model\.layers\.0-\d+\.self_attn\.q_proj, /,
  );
});

test('random and reverse selections differ from the default and train', async () => {
  const seen = new Set<string>();
  for (const strategy of ['magnitude', 'random', 'reverse']) {
    const run = join(folder, strategy);
    const configuration = await sampleConfiguration({ 'selection.strategy': strategy, 'training.maxSteps': 3 });
    const events = await runSample(run, configuration);
    expect(events.at(-1)).toMatchObject({ status: 'finished' });
    const { modules } = await adapterOf(run, configuration);
    seen.add(modules.map(({ indices }) => indices.join()).join());
    expect(modules.every(({ deltas }) => deltas.some((delta) => delta !== 0))).toBe(true);
  }
  expect(seen.size).toBe(3);
});
