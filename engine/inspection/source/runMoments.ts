/** The moments of a run that can be looked at. */
import { join } from 'node:path';
import type { RunMoment, SourceMoment } from '../../protocol/connections/connectionSource.ts';
import { RUN_FILES } from '../../protocol/runs/runFolder.ts';
import { listCheckpointSteps } from '../../run/checkpointStore.ts';
import { summarizeEvents } from '../../run/eventReader.ts';
import { readRunRecord } from '../../run/runRecord.ts';

/** Oldest first: the selection, the checkpoints, and the adapter of a run that has ended. */
export async function runMoments(folder: string): Promise<readonly SourceMoment[]> {
  const steps = await stepsWithDeltas(folder);
  const { adapter, step } = await summarizeEvents(join(folder, RUN_FILES.events));
  return [
    { at: 'selection', step: 0 },
    ...steps.map((checkpointStep) => ({ at: checkpointStep, step: checkpointStep })),
    ...(adapter === undefined ? [] : [{ at: 'adapter', step } as const]),
  ];
}

/** The newest checkpoint, or what there is without one. */
export async function newestMoment(folder: string): Promise<RunMoment> {
  const newestStep = (await stepsWithDeltas(folder)).at(-1);
  if (newestStep !== undefined) return newestStep;
  const { adapter } = await summarizeEvents(join(folder, RUN_FILES.events));
  return adapter === undefined ? 'selection' : 'adapter';
}

/** A mask's checkpoints hold whole weights: its deltas are in its adapter alone. */
async function stepsWithDeltas(folder: string): Promise<readonly number[]> {
  const { configuration } = await readRunRecord(folder);
  return configuration.method === 'masked' ? [] : listCheckpointSteps(folder);
}
