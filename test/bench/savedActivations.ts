/** Training runs of the layered plan at SmolLM2-135M's shape, by what they save: time and memory of each setting. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resultOf } from './program.ts';
import { SMOL_SHAPE, writeRandomCheckpoint } from './randomCheckpoint.ts';

export interface TrainingMeasures {
  /** Largest resident memory of the process. */
  readonly peakBytes: number;
  readonly stepMs: readonly number[];
}

/** Hands a checkpoint of random float32 weights to `work`, and removes it afterwards. */
export async function withSmolCheckpoint(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-bench-'));
  try {
    await writeRandomCheckpoint(folder, SMOL_SHAPE, 'F32');
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A run of `steps` steps in a process of its own, k = 1. */
export async function trainingMeasures(folder: string, saved: string, steps: number): Promise<TrainingMeasures> {
  const result = await resultOf('trainingProcess', folder, '--saved', saved, '--k', '1', '--steps', String(steps));
  return result as TrainingMeasures;
}
