/** Whole runs on a GPU and on the CPU: the same losses, the same deltas, and one goes on where the other stopped. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { lossesOf, runSample, sampleConfiguration } from '../jobs/sampleRun.ts';
import { relativeError } from '../training/goldenModel.ts';
import { deltasOf, writeSmallBase } from './smallModel.ts';
import { softwareGpuObstacle, useSoftwareGpu } from './softwareGpu.ts';

if (softwareGpuObstacle === undefined) useSoftwareGpu();

const STEPS = 20;
const HOOK_LIMIT_MS = 240_000;

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

describe.skipIf(softwareGpuObstacle !== undefined)('a run on a software GPU', { timeout: 600_000 }, () => {
  let folder: string;
  let base: string;
  let expected: ReadonlyMap<number, number>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    base = join(folder, 'base');
    await writeSmallBase(base);
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
