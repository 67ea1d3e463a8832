/** Training in float16 on a GPU: near the float32 numbers of the CPU, with a loss scale that follows and is kept. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import { initialState } from '../../engine/training/trainingState.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { adapterBytes, lossesOf, runSample, sampleConfiguration } from '../jobs/sampleRun.ts';
import { relativeError } from '../training/goldenModel.ts';
import { goldenModel, hostStepper, request, resident, takeSteps } from './goldenTraining.ts';
import { deltasOf, writeSmallBase } from './smallModel.ts';
import { useFloat16Gpu } from './softwareGpu.ts';

const obstacle = await useFloat16Gpu();
if (obstacle !== undefined) console.warn(`float16 tests on a GPU are skipped: ${obstacle}`);

/** Over 20 steps, as shares of what float32 gives. */
const LOSS_BOUND = 5e-3;
const NORM_BOUND = 2e-2;
const HOOK_LIMIT_MS = 240_000;

describe.skipIf(obstacle !== undefined)('in float16 on a software GPU', { timeout: 240_000 }, () => {
  test.each(['llama', 'llama.packed', 'llama-bias', 'qwen3'])(
    'twenty steps near those of the CPU: %s',
    async (name) => {
      const [onHost, onGpu] = [await goldenModel(name), await goldenModel(name)];
      const [host, { stepper, forward }] = [await hostStepper(onHost), await resident(onGpu, 'float16')];
      const [expected, found] = [initialState(onHost.layout.size), initialState(onGpu.layout.size)];
      await host.load(expected);
      await stepper.load(found);
      const expectedSteps = await takeSteps(host, onHost, 20);
      const foundSteps = await takeSteps(stepper, onGpu, 20);
      await stepper.save(found);
      for (const [index, { loss, gradNorm }] of foundSteps.entries()) {
        expect(relativeError([loss], [expectedSteps[index]!.loss]), `step ${index + 1}`).toBeLessThan(LOSS_BOUND);
        expect(relativeError([gradNorm], [expectedSteps[index]!.gradNorm])).toBeLessThan(NORM_BOUND);
      }
      expect(found.lossScale).toEqual({ scale: 2 ** 16, goodSteps: 20 });
      expect(cosine(found.deltas, expected.deltas)).toBeGreaterThan(0.99);
      const lossSum = await forward.lossSum(onGpu.batch);
      expect(lossSum / onGpu.batch.labels.length).toBeLessThan(foundSteps.at(-1)!.loss);
      await host.release();
    },
  );

  test('weights travel in half the bytes', async () => {
    const uploads = async (precision: 'float32' | 'float16'): Promise<number> =>
      (await resident(await goldenModel('llama'), precision)).traffic().uploadedBytes;
    // Norms and the indices of connections stay as they are.
    expect((await uploads('float16')) / (await uploads('float32'))).toBeLessThan(0.55);
  });

  test('a scale that is too large is halved until gradients are finite, within the same step', async () => {
    const model = await goldenModel('llama');
    const { stepper } = await resident(model, 'float16');
    const state = initialState(model.layout.size);
    await stepper.load(state);
    const usual = await stepper.step(request(model, 1));
    await stepper.save(state);
    const usualDeltas = state.deltas.slice();
    const far = { ...initialState(model.layout.size), lossScale: { scale: 2 ** 40, goodSteps: 3 } };
    await stepper.load(far);
    const found = await stepper.step(request(model, 1));
    await stepper.save(far);
    expect(found.loss).toBe(usual.loss);
    expect(relativeError([found.gradNorm], [usual.gradNorm])).toBeLessThan(1e-3);
    expect(cosine(far.deltas, usualDeltas)).toBeGreaterThan(0.999);
    expect(far.lossScale.goodSteps).toBe(1);
    expect(far.lossScale.scale).toBeGreaterThanOrEqual(2 ** 16);
    expect(far.lossScale.scale).toBeLessThan(2 ** 40);
  });

  test('deltas that make the loss infinite go back to those before', async () => {
    const model = await goldenModel('llama');
    const { stepper } = await resident(model, 'float16');
    const state = initialState(model.layout.size);
    await stepper.load(state);
    await stepper.step(request(model, 1));
    const good = initialState(model.layout.size);
    await stepper.save(good);
    await stepper.step(request(model, 2, 1e30));
    const diverged = await stepper.step(request(model, 3));
    expect(Number.isFinite(diverged.loss) && Number.isFinite(diverged.gradNorm)).toBe(false);
    await stepper.save(state);
    expect(state.deltas).toEqual(good.deltas);
  });

  test('a weight beyond the range of float16 is refused by name', async () => {
    const model = await goldenModel('llama');
    model.weights.layers[1]!.get('gate')!.data[5] = 70_000;
    await expect(resident(model, 'float16')).rejects.toMatchObject({
      code: 'run/weightsBeyondFloat16',
      message: expect.stringContaining('found 70000 in gate of layer 1') as string,
    });
  });
});

describe.skipIf(obstacle !== undefined)('a run in float16', { timeout: 240_000 }, () => {
  let folder: string;
  let base: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    base = join(folder, 'base');
    await writeSmallBase(base);
  }, HOOK_LIMIT_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const configuration = (precision: string, device: string): ReturnType<typeof sampleConfiguration> =>
    sampleConfiguration({
      base,
      'engine.device': device,
      'engine.precision': precision,
      'training.batchSize': 4,
      'training.microBatchSize': 2,
      'training.checkpointEvery': 8,
      'training.evaluateEvery': 12,
      'data.evaluation': { count: 2 },
    });

  test('stopped and resumed, it is the undisturbed one; its losses are near those of the CPU', async () => {
    const [whole, parted] = [join(folder, 'whole'), join(folder, 'parted')];
    const settings = await configuration('float16', 'auto');
    const events = await runSample(whole, settings);
    expect(events).toContainEqual(expect.objectContaining({ type: 'plan', device: 'webgpu', precision: 'float16' }));
    const first = lossesOf(await runSample(parted, settings, { stopAfter: 5 }));
    expect(await lossScaleOf(parted, 5)).toEqual({ scale: 2 ** 16, goodSteps: 5 });
    const rest = lossesOf(await runSample(parted, settings, { resume: true }));
    expect(new Map([...first, ...rest])).toEqual(lossesOf(events));
    expect(await adapterBytes(parted)).toEqual(await adapterBytes(whole));
    expect(await lossScaleOf(parted, 12)).toEqual({ scale: 2 ** 16, goodSteps: 12 });

    const expected = lossesOf(await runSample(join(folder, 'cpu'), await configuration('float32', 'cpu')));
    for (const [step, loss] of lossesOf(events))
      expect(relativeError([loss], [expected.get(step)!]), `step ${step}`).toBeLessThan(LOSS_BOUND);
    expect(cosine(await deltasOf(whole), await deltasOf(join(folder, 'cpu')))).toBeGreaterThan(0.99);
  });

  test('a resumed run goes on with the scale of its checkpoint', async () => {
    const runFolder = join(folder, 'scaled');
    const settings = await configuration('float16', 'webgpu');
    await runSample(runFolder, settings, { stopAfter: 5 });
    const file = stateFile(runFolder, 5);
    const saved = JSON.parse(await readFile(file, 'utf8')) as { state: { lossScale: unknown } };
    saved.state.lossScale = { scale: 2 ** 10, goodSteps: 1 };
    await writeFile(file, JSON.stringify(saved));
    await runSample(runFolder, settings, { resume: true });
    expect(await lossScaleOf(runFolder, 12)).toEqual({ scale: 2 ** 10, goodSteps: 8 });
  });

  test('resumed on the CPU, it goes on in float32 and says so', async () => {
    const runFolder = join(folder, 'moved');
    const settings = await configuration('float16', 'webgpu');
    await runSample(runFolder, settings, { stopAfter: 5 });
    const events = await runSample(runFolder, settings, { resume: true, device: 'cpu' });
    expect(events).toContainEqual(expect.objectContaining({ type: 'message', code: 'run/precisionChanged' }));
    expect(events).toContainEqual(expect.objectContaining({ type: 'plan', device: 'cpu', precision: 'float32' }));
    expect([...lossesOf(events).keys()]).toEqual([6, 7, 8, 9, 10, 11, 12]);
  });
});

function stateFile(runFolder: string, step: number): string {
  return join(runFolder, RUN_FILES.checkpoints, `step-${String(step).padStart(6, '0')}`, 'state.json');
}

async function lossScaleOf(runFolder: string, step: number): Promise<unknown> {
  const { state } = JSON.parse(await readFile(stateFile(runFolder, step), 'utf8')) as { state: { lossScale: unknown } };
  return state.lossScale;
}

/** Of the angle between two vectors. */
function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, index) => sum + value * y[index]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
