/** A run's folder as training leaves it, with made-up deltas that grow from checkpoint to checkpoint. */
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { requireDecoder } from '../../engine/checkpoint/config/modelConfig.ts';
import { checkpointFingerprint } from '../../engine/checkpoint/fingerprint.ts';
import { writeRunAdapter } from '../../engine/jobs/training/runAdapter.ts';
import { selectionEvent } from '../../engine/jobs/preparation/trainableChoice.ts';
import { runConfigurationSchema } from '../../engine/protocol/configuration/configuration.ts';
import { formatEventLine } from '../../engine/protocol/runs/eventLine.ts';
import type { NewRunEvent } from '../../engine/protocol/runs/events.ts';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import { saveCheckpoint } from '../../engine/run/checkpointStore.ts';
import { createRun } from '../../engine/run/runRecord.ts';
import { selectConnections } from '../../engine/selection/selection.ts';
import { writeSelection } from '../../engine/selection/selectionFile.ts';
import { deltaLayout, type DeltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import { stateTensors } from '../../engine/training/stateTensors.ts';
import { ARCHITECTURES } from '../adapter/sampleAdapter.ts';

export interface RunOnDisk {
  readonly folder: string;
  readonly layout: DeltaLayout;
  /** Deltas at a step, in the order of the layout. */
  readonly deltasAt: (step: number) => Float32Array;
}

export interface RunShape {
  /** The checkpoint's, where there is none. */
  readonly runName?: string;
  readonly steps: readonly number[];
  readonly k: number;
  readonly seed?: number;
  readonly strategy?: 'magnitude' | 'random';
  /** Whether it ended, with an adapter. */
  readonly isFinished: boolean;
}

export async function writeRun(folder: string, name: string, shape: RunShape): Promise<RunOnDisk> {
  const { runName = name, steps, k, seed = 42, strategy = 'magnitude', isFinished } = shape;
  const checkpoint = await openCheckpoint(join(ARCHITECTURES, name));
  const base = {
    path: checkpoint.folder,
    modelType: checkpoint.config.modelType,
    fingerprint: await checkpointFingerprint(checkpoint),
  };
  const configuration = runConfigurationSchema.parse({ base: base.path, data: { train: '/data.jsonl' } });
  const record = await createRun(folder, { name: runName, productVersion: '0.0.0', configuration, base, data: [] }, 1);
  // No process drives it: this one must not be taken for its engine.
  await rm(join(folder, RUN_FILES.process));
  const options = { strategy, k, neuronShare: 1, gradientBatches: 8 } as const;
  const selection = await selectConnections(checkpoint, options, seed);
  await checkpoint.close();
  await writeSelection(folder, selection);
  await appendEvent(folder, selectionEvent(selection.statistics));
  const layout = deltaLayout(requireDecoder(checkpoint.config, base.path, 'this test'), selection.modules);
  const deltasAt = (step: number): Float32Array =>
    Float32Array.from({ length: layout.size }, (_, entry) => Math.sin(entry * 78.233 + seed) * Math.sqrt(step) * 0.01);
  const run: RunOnDisk = { folder, layout, deltasAt };
  for (const step of steps) await addCheckpoint(run, step);
  if (isFinished) {
    const last = steps.at(-1)!;
    const { modules, statistics } = selection;
    const choice = { trainable: { method: 'neuroada', modules }, statistics } as const;
    await writeRunAdapter(folder, record, choice, checkpoint.config, layout, deltasAt(last));
    await appendEvent(folder, { type: 'result', adapter: 'adapter', steps: last, finalLoss: 1, peakMemoryBytes: 1 });
    await appendEvent(folder, { type: 'status', status: 'finished' });
  }
  return run;
}

export async function appendEvent(folder: string, event: NewRunEvent): Promise<void> {
  await appendFile(join(folder, RUN_FILES.events), formatEventLine({ ...event, time: 2 }));
}

/** Writes a checkpoint as a run does, without a line in its log. */
export async function addCheckpoint({ folder, layout, deltasAt }: RunOnDisk, step: number): Promise<void> {
  const optimizer = { firstMoment: new Float32Array(layout.size), secondMoment: new Float32Array(layout.size) };
  const tensors = stateTensors({ step, deltas: deltasAt(step), optimizer, lossScale: undefined });
  await saveCheckpoint(folder, { step, tensors, state: {} });
}

/** The deltas of one module at a step. */
export function moduleDeltas({ layout, deltasAt }: RunOnDisk, module: string, step: number): Float32Array {
  const range = layout.projections
    .flatMap(({ modules }) => modules)
    .find(({ selection }) => selection.module === module)!;
  return deltasAt(step).subarray(range.offset, range.offset + range.length);
}
