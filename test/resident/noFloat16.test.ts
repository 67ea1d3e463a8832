/** A GPU without 16-bit floats is used in float32 and says so; float16 is refused there, before anything is computed. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probeDevices } from '../../engine/runtime/probe/deviceProbe.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { runSample, sampleConfiguration } from '../jobs/sampleRun.ts';
import { goldenModel, request, resident } from './goldenTraining.ts';
import { initialState } from '../../engine/training/trainingState.ts';
import { softwareGpuObstacle, useSoftwareGpu } from './softwareGpu.ts';

if (softwareGpuObstacle === undefined) useSoftwareGpu();

describe.skipIf(softwareGpuObstacle !== undefined)('a GPU without 16-bit floats', { timeout: 120_000 }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('its probe tells', async () => {
    const [report] = await probeDevices({ devices: ['webgpu'] });
    expect(report).toMatchObject({ device: 'webgpu', isUsable: true, hasFloat16: false });
  });

  test.each(['webgpu', 'auto'])('a run on %s is refused', async (device) => {
    const settings = await sampleConfiguration({ 'engine.device': device, 'engine.precision': 'float16' });
    await expect(runSample(join(folder, device), settings)).rejects.toMatchObject({
      code: 'runtime/noFloat16',
      message: expect.stringContaining('expected a webgpu device that computes float16') as string,
    });
  });

  test.each(['lora', 'full'])('with the method %s, which the CPU computes, too', async (method) => {
    const settings = await sampleConfiguration({ method, 'engine.precision': 'float16' });
    await expect(runSample(join(folder, method), settings)).rejects.toMatchObject({
      code: 'run/precisionNotOnDevice',
    });
  });

  test('a session that needs them fails by the same name', async () => {
    const model = await goldenModel('llama');
    const computed = resident(model, 'float16').then(async ({ stepper }) => {
      await stepper.load(initialState(model.layout.size));
      await stepper.step(request(model, 1));
    });
    await expect(computed).rejects.toMatchObject({ code: 'runtime/noFloat16' });
  });
});
