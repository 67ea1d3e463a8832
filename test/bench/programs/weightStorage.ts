/** Weights that stay in 16 bits against float32 ones, at TinyLlama-1.1B's shape: memory and time of the same steps. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resultOf } from '../program.ts';
import { LLAMA_1B_SHAPE, writeRandomCheckpoint } from '../randomCheckpoint.ts';
import { atMost, informative, report } from '../row.ts';
import type { TrainingMeasures } from '../savedActivations.ts';

const STEPS = 4;
const ROUNDS = 3;
const MEMORY_BAR = 0.6;
const TIME_BAR = 1.15;
const TOKENS = ['--rows', '1', '--length', '256'];

const folder = await mkdtemp(join(tmpdir(), 'neuroada-storage-'));
try {
  await writeRandomCheckpoint(folder, LLAMA_1B_SHAPE, 'BF16', true);
  const measures = async (weights: string): Promise<TrainingMeasures> => {
    const settings = ['--saved', 'none', '--k', '1', '--steps', String(STEPS), '--weights', weights, ...TOKENS];
    return (await resultOf('trainingProcess', folder, ...settings)) as TrainingMeasures;
  };
  const fastest = { float32: Infinity, '16bit': Infinity };
  const peaks = { float32: 0, '16bit': 0 };
  for (let round = 0; round < ROUNDS; round++) {
    for (const weights of ['float32', '16bit'] as const) {
      const { peakBytes, stepMs } = await measures(weights);
      fastest[weights] = Math.min(fastest[weights], ...stepMs);
      peaks[weights] = Math.max(peaks[weights], peakBytes);
    }
  }
  const streamed = await measures('streamed');
  report(
    informative('1.1 billion parameters, float32 weights: peak memory', peaks.float32 / 1e6, 'MB'),
    informative('the same, 16-bit weights', peaks['16bit'] / 1e6, 'MB'),
    informative('the same, streamed weights', streamed.peakBytes / 1e6, 'MB'),
    atMost(MEMORY_BAR, '16-bit / float32 weights: memory', peaks['16bit'] / peaks.float32),
    atMost(TIME_BAR, '16-bit / float32 weights: fastest step', fastest['16bit'] / fastest.float32),
    informative('streamed / float32 weights: fastest step', Math.min(...streamed.stepMs) / fastest.float32),
  );
} finally {
  await rm(folder, { recursive: true });
}
