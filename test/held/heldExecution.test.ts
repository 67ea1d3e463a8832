/** Sessions that hold the weights give the numbers of sessions that are fed with them, on a GPU as on the CPU. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHeldExecution } from '../../engine/held/heldExecution.ts';
import type { DeviceName } from '../../engine/protocol/devices.ts';
import { operatorsOnCpu } from '../../engine/held/placement.ts';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import { createHostStepper } from '../../engine/training/hostStepper.ts';
import { deltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import { createLayeredPlan } from '../../engine/training/plans/layeredPlan.ts';
import { effectiveWeights } from '../../engine/training/plans/effectiveWeights.ts';
import { createParameterUpdate } from '../../engine/training/plans/parameterUpdate.ts';
import type { Stepper, StepRequest } from '../../engine/training/stepper.ts';
import { initialState, type TrainingState } from '../../engine/training/trainingState.ts';
import { softwareGpuObstacle, useSoftwareGpu } from '../resident/softwareGpu.ts';
import { goldenBatch, goldenSelections, goldenWeights, readGolden, relativeError } from '../training/goldenModel.ts';

if (softwareGpuObstacle === undefined) useSoftwareGpu();
else console.warn(`GPU tests are skipped: ${softwareGpuObstacle}`);

const OPTIONS = { device: 'cpu', threads: 2 } as const;
const STEPS = 4;

test.each(['llama', 'llama.packed', 'llama-bias', 'qwen3', 'mistral'])('steps of %s on the CPU', async (name) => {
  await compareSteps(name, 'cpu', { losses: 1e-5, deltas: 1e-3 });
});

// The provider has `If` and takes constants into its memory as those of CUDA and DirectML do, which no test here reaches.
describe.skipIf(softwareGpuObstacle !== undefined)('on a software GPU', { timeout: 120_000 }, () => {
  test('steps of llama', () => compareSteps('llama', 'webgpu', { losses: 1e-4, deltas: 1e-2 }));
});

async function compareSteps(
  name: string,
  device: DeviceName,
  bounds: { readonly losses: number; readonly deltas: number },
): Promise<void> {
  const golden = await readGolden(`architectures/${name}.safetensors`);
  const batch = goldenBatch(golden);
  const model = async () => {
    const weights = await goldenWeights(name.replace('.packed', ''));
    return { weights, layout: deltaLayout(weights.config, [...goldenSelections(golden, weights)]) };
  };
  const fed = await model();
  const fedPlan = await createLayeredPlan(fed.weights, fed.layout, OPTIONS, 'none');
  const fedStepper = createHostStepper(
    fedPlan,
    effectiveWeights(fed.weights, fed.layout),
    createParameterUpdate(fed.layout),
  );
  const fedForward = await createForwardPass(fed.weights, OPTIONS);
  onTestFinished(async () => {
    await fedPlan.release();
    await fedForward.release();
  });
  const held = await model();
  const execution = await createHeldExecution(held.weights, held.layout, { device, threads: 2 });
  onTestFinished(() => execution.release());
  const before = Array.from(held.weights.layers[0]?.values() ?? [], ({ data }) => data.slice());

  const expected = await takeSteps(fedStepper, fed.layout.size, batch);
  const found = await takeSteps(execution.stepper, held.layout.size, batch);
  expect(relativeError(found.losses, expected.losses)).toBeLessThan(bounds.losses);
  expect(relativeError(found.state.deltas, expected.state.deltas)).toBeLessThan(bounds.deltas);
  const [heldLoss, fedLoss] = [await execution.forward.lossSum(batch), await fedForward.lossSum(batch)];
  expect(relativeError([heldLoss], [fedLoss])).toBeLessThan(bounds.losses);
  // On the software GPU every operator has a kernel.
  expect(execution.operatorsOnCpu).toEqual([]);
  const positions = batch.labelRows.subarray(0, 2);
  const logits = await execution.forward.logits(batch, positions);
  expect(relativeError(logits, await fedForward.logits(batch, positions))).toBeLessThan(bounds.deltas);
  expect(Array.from(held.weights.layers[0]?.values() ?? [], ({ data }) => data)).toEqual(before);
}

test('the profile of a run tells what the CPU computes', async () => {
  const golden = await readGolden('architectures/llama.safetensors');
  const weights = await goldenWeights('llama');
  const layout = deltaLayout(weights.config, [...goldenSelections(golden, weights)]);
  const operators = await operatorsOnCpu(weights, layout, OPTIONS);
  expect(operators).toContain('FusedMatMul');
  expect(operators).not.toContain('Shape');
});

async function takeSteps(
  stepper: Stepper,
  size: number,
  batch: ReturnType<typeof goldenBatch>,
): Promise<{ readonly losses: readonly number[]; readonly state: TrainingState }> {
  const state = initialState(size);
  await stepper.load(state);
  const losses: number[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const request: StepRequest = {
      ...{ step, microBatches: [batch, batch], labelWeight: 1 / (2 * batch.labels.length), learningRate: 1e-2 },
      optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
      maxGradNorm: 0.5,
    };
    losses.push((await stepper.step(request)).loss);
  }
  await stepper.save(state);
  return { losses, state };
}
