/** What a file or folder that the user opens means: connections that were selected, or just tensors. */
import { basename, dirname, join } from 'node:path';
import { readAdapterConfig } from '../../adapter/adapterConfig.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { Identification } from '../../protocol/connections/inspection.ts';
import { ADAPTER_FILES, RUN_FILES } from '../../protocol/runs/runFolder.ts';
import { checkpointTensorsFile, stepOfCheckpoint } from '../../run/checkpointStore.ts';
import { runMoments } from './runMoments.ts';
import { fileRevision } from './settledSource.ts';

/**
 * An adapter, a selection or a training state of a run stand for the run at that moment; any other path for a table of
 * tensors. Adapters of other methods are tensors, too.
 */
export async function identify(path: string): Promise<Identification> {
  const folder = dirname(path);
  switch (basename(path)) {
    case ADAPTER_FILES.model:
      return (await isNeuroAda(folder)) ? identifyAdapter(folder) : { kind: 'tensors', file: path };
    case RUN_FILES.selection:
      return identifySelection(path);
    default:
      return (await identifyState(path)) ?? { kind: 'tensors', file: path };
  }
}

/** A damaged configuration of ours is told when the adapter is opened. */
async function isNeuroAda(folder: string): Promise<boolean> {
  const file = join(folder, ADAPTER_FILES.config);
  if (!(await exists(file))) return false;
  try {
    await readAdapterConfig(file);
    return true;
  } catch (error) {
    if (error instanceof ExpectedError) return error.place.field !== 'peft_type' && error.code.startsWith('adapter/');
    throw error;
  }
}

/** A run that was resumed goes on to train while the adapter of its last stop still lies there. */
async function identifyAdapter(folder: string): Promise<Identification> {
  const runFolder = dirname(folder);
  const isOfRun = basename(folder) === RUN_FILES.adapter && (await isRun(runFolder));
  if (isOfRun && (await runMoments(runFolder)).at(-1)?.at === 'adapter') {
    return { kind: 'connections', source: { kind: 'run', folder: runFolder, at: 'adapter' } };
  }
  return { kind: 'connections', source: { kind: 'adapter', folder } };
}

async function identifySelection(path: string): Promise<Identification> {
  const folder = dirname(path);
  if (await isRun(folder)) return { kind: 'connections', source: { kind: 'run', folder, at: 'selection' } };
  if (await exists(join(folder, RUN_FILES.selectionStatistics))) {
    return { kind: 'connections', source: { kind: 'selection', folder } };
  }
  return { kind: 'tensors', file: path };
}

async function identifyState(path: string): Promise<Identification | undefined> {
  const checkpoint = dirname(path);
  const step = stepOfCheckpoint(basename(checkpoint));
  const folder = dirname(dirname(checkpoint));
  if (step === undefined || path !== checkpointTensorsFile(folder, step) || !(await isRun(folder))) return undefined;
  return { kind: 'connections', source: { kind: 'run', folder, at: step } };
}

function isRun(folder: string): Promise<boolean> {
  return exists(join(folder, RUN_FILES.record));
}

async function exists(file: string): Promise<boolean> {
  return (await fileRevision(file)) !== undefined;
}
