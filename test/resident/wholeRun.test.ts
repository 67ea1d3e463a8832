/** Whole runs on a GPU and on the CPU: the same losses, the same deltas, and one goes on where the other stopped. */
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { writeRandomCheckpoint } from '../bench/randomCheckpoint.ts';
import { lossesOf, runSample, SAMPLE, sampleConfiguration } from '../jobs/sampleRun.ts';
import { relativeError } from '../training/goldenModel.ts';
import { softwareGpuObstacle, useSoftwareGpu } from './softwareGpu.ts';

if (softwareGpuObstacle === undefined) useSoftwareGpu();

const STEPS = 20;
const HOOK_LIMIT_MS = 240_000;

/** Small enough for a GPU that the CPU imitates. */
const SHAPE = {
  vocab_size: 1024,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  tie_word_embeddings: true,
};

/** A BF16 checkpoint of random weights with the sample's tokenizer. */
async function writeBase(base: string): Promise<void> {
  await writeRandomCheckpoint(base, SHAPE, 'BF16');
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(join(SAMPLE, 'checkpoint', name), join(base, name));
  }
}

function smallRun(base: string, device: 'cpu' | 'webgpu'): ReturnType<typeof sampleConfiguration> {
  return sampleConfiguration({
    base,
    'engine.device': device,
    'training.maxSteps': STEPS,
    'training.batchSize': 4,
    'training.microBatchSize': 2,
    'training.checkpointEvery': 8,
    'training.evaluateEvery': STEPS,
    'data.limit': 80,
    'data.evaluation': { count: 2 },
  });
}

async function deltasOf(runFolder: string): Promise<Float32Array> {
  const file = await openSafetensors(join(runFolder, 'adapter', 'adapter_model.safetensors'));
  const parts: number[] = [];
  for (const name of file.tensors.keys()) {
    if (name.endsWith('_deltas')) parts.push(...new Float32Array((await file.read(name)).buffer));
  }
  await file.close();
  return Float32Array.from(parts);
}

describe.skipIf(softwareGpuObstacle !== undefined)('a run on a software GPU', { timeout: 600_000 }, () => {
  let folder: string;
  let base: string;
  let expected: ReadonlyMap<number, number>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    base = join(folder, 'base');
    await writeBase(base);
    expected = lossesOf(await runSample(join(folder, 'cpu'), await smallRun(base, 'cpu')));
  }, HOOK_LIMIT_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('has the losses and deltas of one on the CPU, and says where it ran', async () => {
    const runFolder = join(folder, 'webgpu');
    const events = await runSample(runFolder, await smallRun(base, 'webgpu'));
    expect(events).toContainEqual(expect.objectContaining({ type: 'plan', device: 'webgpu', plan: 'layered' }));
    expectLosses(lossesOf(events));
    expect(relativeError(await deltasOf(runFolder), await deltasOf(join(folder, 'cpu')))).toBeLessThan(1e-2);
    const evaluation = events.find((event) => event.type === 'evaluation');
    expect(evaluation?.loss).toBeGreaterThan(0);
  });

  test('stopped there, goes on on the CPU', async () => {
    const runFolder = join(folder, 'moved');
    const first = lossesOf(await runSample(runFolder, await smallRun(base, 'webgpu'), { stopAfter: 8 }));
    const events = await runSample(runFolder, await smallRun(base, 'webgpu'), { resume: true, device: 'cpu' });
    expect(events).toContainEqual(expect.objectContaining({ type: 'plan', device: 'cpu', microBatchSize: 2 }));
    expectLosses(new Map([...first, ...lossesOf(events)]));
  });

  function expectLosses(found: ReadonlyMap<number, number>): void {
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [step, loss] of found)
      expect(relativeError([loss], [expected.get(step)!]), `step ${step}`).toBeLessThan(1e-3);
  }
});
