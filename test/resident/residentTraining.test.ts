/** Training that stays on a GPU gives the numbers of the CPU; operators that would fall back to the CPU fail the session. */
import { describe, expect, test } from 'vitest';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import type { ModuleSelection } from '../../engine/selection/moduleSelection.ts';
import { initialState } from '../../engine/training/trainingState.ts';
import { relativeError } from '../training/goldenModel.ts';
import { goldenModel, hostStepper, MICRO_BATCHES, request, resident, takeSteps } from './goldenTraining.ts';
import { softwareGpuObstacle, useSoftwareGpu } from './softwareGpu.ts';

if (softwareGpuObstacle === undefined) useSoftwareGpu();
else console.warn(`GPU tests are skipped: ${softwareGpuObstacle}`);

/** Every second neuron takes part. */
function halfOfTheNeurons(modules: ModuleSelection[]): ModuleSelection[] {
  return modules.map((module) => {
    const { k, rows, indices } = module;
    const neurons = Int32Array.from({ length: Math.floor(rows / 2) }, (_, index) => 2 * index);
    const kept = Array.from(neurons, (row) => [...indices.subarray(row * k, (row + 1) * k)]).flat();
    return { ...module, neurons, indices: Int32Array.from(kept) };
  });
}

describe.skipIf(softwareGpuObstacle !== undefined)('on a software GPU', { timeout: 120_000 }, () => {
  test.each([
    ['llama', undefined],
    ['llama.packed', undefined],
    ['llama-bias', undefined],
    ['qwen3', undefined],
    ['llama', halfOfTheNeurons],
  ] as const)('twenty steps as on the CPU: %s', async (name, change) => {
    const [onHost, onGpu] = [await goldenModel(name, change), await goldenModel(name, change)];
    const [host, gpu] = [await hostStepper(onHost), await resident(onGpu)];
    const [expected, found] = [initialState(onHost.layout.size), initialState(onGpu.layout.size)];
    await host.load(expected);
    await gpu.stepper.load(found);
    const expectedSteps = await takeSteps(host, onHost, 20);
    const foundSteps = await takeSteps(gpu.stepper, onGpu, 20);
    await gpu.stepper.save(found);
    for (const [index, { loss, gradNorm }] of foundSteps.entries()) {
      expect(relativeError([loss], [expectedSteps[index]!.loss])).toBeLessThan(1e-3);
      expect(relativeError([gradNorm], [expectedSteps[index]!.gradNorm])).toBeLessThan(1e-2);
    }
    expect(foundSteps.at(-1)!.loss).toBeLessThan(foundSteps[0]!.loss);
    expect(relativeError(found.deltas, expected.deltas)).toBeLessThan(1e-2);
    expect(relativeError(found.optimizer.secondMoment, expected.optimizer.secondMoment)).toBeLessThan(1e-2);

    const forward = await createForwardPass(onHost.weights, { device: 'cpu', threads: 2 });
    const positions = Int32Array.from(onHost.batch.tokenIds.keys());
    const logits = await gpu.forward.logits(onGpu.batch, positions);
    expect(relativeError(logits, await forward.logits(onHost.batch, positions))).toBeLessThan(1e-3);
    expect(relativeError([await gpu.forward.lossSum(onGpu.batch)], [await forward.lossSum(onHost.batch)])).toBeLessThan(
      1e-3,
    );
    await forward.release();
    await host.release();
  });

  test('a step that is not finite goes back to the deltas before, and the run can be loaded again', async () => {
    const model = await goldenModel('llama');
    const { stepper } = await resident(model);
    const state = initialState(model.layout.size);
    await stepper.load(state);
    const first = await stepper.step(request(model, 1));
    const good = initialState(model.layout.size);
    await stepper.save(good);
    await stepper.step(request(model, 2, 1e30));
    const diverged = await stepper.step(request(model, 3));
    expect(Number.isFinite(diverged.loss) && Number.isFinite(diverged.gradNorm)).toBe(false);
    await stepper.save(state);
    expect(state.deltas).toEqual(good.deltas);
    await stepper.load(initialState(model.layout.size));
    expect((await stepper.step(request(model, 1))).loss).toBe(first.loss);
  });

  test('after the weights are there, a step moves far less than they weigh', async () => {
    const model = await goldenModel('llama');
    const execution = await resident(model);
    await execution.stepper.load(initialState(model.layout.size));
    const weightBytes = model.weights.layers
      .flatMap((layer) => [...layer.values()])
      .reduce((total, { data }) => total + data.byteLength, 0);
    expect(execution.traffic().uploadedBytes).toBeGreaterThanOrEqual(weightBytes);
    await execution.stepper.step(request(model, 1));
    const before = execution.traffic();
    await execution.stepper.step(request(model, 2));
    const after = execution.traffic();
    const { batch, weights } = model;
    // Per micro-batch: token ids, labels, one mask, two tables of angles, and positions twice per layer.
    const tokens = batch.tokenIds.length;
    const positions = 2 * weights.config.layerCount * 8 * tokens;
    const perPass = 8 * tokens + positions + 28 * batch.labels.length + 4 * tokens * batch.sequenceLength;
    const tables = 4 * batch.sequenceLength * weights.config.headSize;
    expect(after.uploadedBytes - before.uploadedBytes).toBeLessThanOrEqual(MICRO_BATCHES * (perPass + tables) + 64);
    // A loss per pass and one norm.
    expect(after.downloadedBytes - before.downloadedBytes).toBe(4 * (MICRO_BATCHES + 1));
  });
});
