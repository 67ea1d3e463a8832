/**
 * What crosses between host and GPU in a step of training the sample, counted: weights only before the first. Without a GPU
 * that can be used it reports nothing; one that software imitates counts (see `test/resident`).
 */
import { join } from 'node:path';
import { openCheckpoint } from '../../../engine/checkpoint/checkpoint.ts';
import { requireDecoder } from '../../../engine/checkpoint/config/modelConfig.ts';
import { collate } from '../../../engine/data/batches/microBatch.ts';
import { streamWeights, weightSizes } from '../../../engine/model/weights/storedWeights.ts';
import { createResidentExecution } from '../../../engine/resident/residentExecution.ts';
import { probeDevices } from '../../../engine/runtime/probe/deviceProbe.ts';
import { initialState } from '../../../engine/training/trainingState.ts';
import { atLeast, atMost, informative, report } from '../row.ts';
import { benchExamples, benchLayout } from '../smolModel.ts';

const SAMPLE = join(import.meta.dirname, '../../../media/sample/checkpoint');
const STEPS = 3;
/** Most of a step's traffic, as a share of the weights. */
const BAR = 0.02;

const [gpu] = await probeDevices({ devices: ['webgpu'] });
if (gpu?.isUsable === true) await measure();

async function measure(): Promise<void> {
  const checkpoint = await openCheckpoint(SAMPLE);
  const config = requireDecoder(checkpoint.config, SAMPLE, 'the benchmark');
  const layout = benchLayout(config, 1);
  const execution = await createResidentExecution(await streamWeights(checkpoint), layout, {
    device: 'webgpu',
    threads: 2,
  });
  const { float32 } = weightSizes(checkpoint);
  const batch = collate(
    benchExamples(1, 32, config.vocabularySize).map((example) => [example]),
    0,
  );
  await execution.stepper.load(initialState(layout.size));
  const before = execution.traffic();
  for (let step = 1; step <= STEPS; step++) {
    await execution.stepper.step({
      step,
      microBatches: [batch],
      labelWeight: 1 / batch.labels.length,
      learningRate: 1e-3,
      optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
      maxGradNorm: 1,
    });
  }
  const after = execution.traffic();
  const uploaded = (after.uploadedBytes - before.uploadedBytes) / STEPS;
  const downloaded = (after.downloadedBytes - before.downloadedBytes) / STEPS;
  await execution.release();
  await checkpoint.close();
  report(
    atLeast(1, 'GPU: bytes uploaded before the first step / weights', before.uploadedBytes / float32),
    informative('GPU: bytes to the device in a step of 32 tokens', uploaded, 'B'),
    informative('GPU: bytes from the device in a step', downloaded, 'B'),
    atMost(BAR, 'GPU: bytes of a step / weights', (uploaded + downloaded) / float32),
  );
}
