/** Adapters from and to PEFT, and adapters out of two checkpoints. */
import { readFile, rm, writeFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAdapter } from '../../engine/adapter/adapter.ts';
import { openPeftSparse, sparsityFor } from '../../engine/adapter/peftSparseAdapter.ts';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import { differenceJob, exportJob, importJob } from '../../engine/jobs/merging/interchange.ts';
import { mergeJob } from '../../engine/jobs/merging/merge.ts';
import { loadWeights } from '../../engine/model/weights/residentWeights.ts';
import { linearModules } from '../../engine/selection/targetModules.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { floats, GOLDEN, goldenBatch, readGolden, relativeError } from '../training/goldenModel.ts';
import { runSample, SAMPLE, sampleConfiguration } from './sampleRun.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const BASE = join(GOLDEN, 'architectures', 'llama');
const QUIET = { onEvent: () => undefined };
const SIGNAL = new AbortController().signal;

async function merged(adapter: string, name: string, base = BASE): Promise<string> {
  const output = join(folder, name);
  const request = { adapters: [adapter], base, output, dtype: 'base', allowOtherBase: false, verify: true } as const;
  const { maxLogitDifference } = await mergeJob(request, QUIET, SIGNAL);
  expect(maxLogitDifference).toBeLessThan(1e-4);
  return output;
}

async function logitsError(model: string, golden: string): Promise<number> {
  const checkpoint = await openCheckpoint(model);
  const weights = await loadWeights(checkpoint);
  await checkpoint.close();
  const reference = await readGolden(golden);
  const batch = goldenBatch(new Map([...(await readGolden('architectures/llama.safetensors')), ...reference]));
  const forward = await createForwardPass(weights, { device: 'cpu', threads: 1 });
  const logits = await forward.logits(batch, Int32Array.from(batch.tokenIds.keys()));
  await forward.release();
  return relativeError(logits, floats(reference, 'logits'));
}

describe('adapters of PEFT, merged, have the logits that PEFT computes', () => {
  test('LoRA, as it is', async () => {
    const model = await merged(join(GOLDEN, 'peft', 'lora'), 'lora');
    expect(await logitsError(model, 'peft/lora.safetensors')).toBeLessThan(1e-4);
    expect(await logitsError(BASE, 'peft/lora.safetensors')).toBeGreaterThan(1e-2);
  });

  test.each(['supertuning', 'shira'])('%s, imported', async (name) => {
    const output = join(folder, `${name} imported`);
    await importJob({ adapter: join(GOLDEN, 'peft', name), base: BASE, output }, QUIET, SIGNAL);
    const model = await merged(output, name);
    expect(await logitsError(model, `peft/${name}.safetensors`)).toBeLessThan(1e-4);
    expect(await logitsError(BASE, `peft/${name}.safetensors`)).toBeGreaterThan(1e-2);
  });
});

test('a NeuroAda adapter exported and imported again is merged to the same bytes', async () => {
  const run = join(folder, 'neuroada');
  const configuration = await sampleConfiguration({ 'training.maxSteps': 4, 'selection.k': 3 });
  await runSample(run, configuration);
  const exported = join(folder, 'exported');
  const result = await exportJob({ adapter: join(run, 'adapter'), output: exported }, QUIET, SIGNAL);
  expect(result.padding).toBeGreaterThan(0);

  const opened = await openPeftSparse(exported);
  const checkpoint = await openCheckpoint(configuration.base);
  const adapter = await openAdapter(join(run, 'adapter'));
  for (const target of linearModules(checkpoint.config)) {
    const { positions, deltas } = await opened.readModule(target);
    const own = await adapter.readModule(target);
    const expected = new Map(
      Array.from(own.indices, (column, entry) => [
        Math.floor(entry / own.k) * target.columns + column,
        own.deltas[entry]!,
      ]),
    );
    expect(new Map(Array.from(positions, (position, entry) => [position, deltas[entry]!]))).toEqual(
      new Map([...expected].filter(([, delta]) => delta !== 0)),
    );
  }
  await Promise.all([opened.close(), adapter.close(), checkpoint.close()]);

  const imported = join(folder, 'imported again');
  await importJob({ adapter: exported, output: imported }, QUIET, SIGNAL);
  const [direct, roundTrip] = [
    await merged(join(run, 'adapter'), 'direct', configuration.base),
    await merged(imported, 'round trip', configuration.base),
  ];
  const weights = (model: string): Promise<Buffer> => readFile(join(model, 'model.safetensors'));
  expect((await weights(roundTrip)).equals(await weights(direct))).toBe(true);

  const difference = join(folder, 'difference');
  const found = await differenceJob({ base: configuration.base, tuned: direct, output: difference }, QUIET, SIGNAL);
  expect(found.replaced).toBe(0);
  const again = await merged(difference, 'difference merged', configuration.base);
  expect((await weights(again)).equals(await weights(direct))).toBe(true);
});

test('one sparsity leaves every module room, as PEFT counts it', () => {
  for (let columns = 3; columns < 400; columns += 7) {
    const modules = [1, 2, 5].map((k) => ({
      ...{ module: `m${String(k)}`, rows: 64, columns: columns * k },
      positions: new Int32Array(64 * k),
      deltas: new Float32Array(64 * k),
    }));
    const sparsity = sparsityFor(modules);
    for (const { rows, columns: width, positions } of modules) {
      const count = Math.trunc(rows * width * (1 - sparsity));
      expect(count).toBeGreaterThanOrEqual(positions.length);
      expect(count).toBeLessThanOrEqual(positions.length + 1);
    }
  }
});

describe('refuses', () => {
  test('LoRA variants that it does not compute', async () => {
    const dora = join(folder, 'dora');
    await cp(join(GOLDEN, 'peft', 'lora'), dora, { recursive: true });
    const file = join(dora, 'adapter_config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...config, use_dora: true }));
    await expect(merged(dora, 'dora merged')).rejects.toMatchObject({
      code: 'adapter/unsupported',
      place: { field: 'use_dora' },
    });
  });

  test('checkpoints without a difference, and of another size', async () => {
    const output = join(folder, 'nothing');
    await expect(differenceJob({ base: BASE, tuned: BASE, output }, QUIET, SIGNAL)).rejects.toMatchObject({
      code: 'difference/none',
    });
    const tuned = join(SAMPLE, 'checkpoint');
    await expect(differenceJob({ base: BASE, tuned, output }, QUIET, SIGNAL)).rejects.toMatchObject({
      code: 'difference/otherArchitecture',
    });
  });

  test('to export LoRA as connections', async () => {
    const request = { adapter: join(GOLDEN, 'peft', 'lora'), base: BASE, output: join(folder, 'no export') };
    await expect(exportJob(request, QUIET, SIGNAL)).rejects.toMatchObject({ code: 'adapter/notSparse' });
  });
});
