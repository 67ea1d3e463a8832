/** A run at one of its moments as a source of connections. */
import { ENCODER_TYPES } from '../../checkpoint/config/encoderConfig.ts';
import { join } from 'node:path';
import {
  allocateFresh,
  openSafetensors,
  type SafetensorsFile,
} from '../../checkpoint/safetensors/safetensorsReader.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { ModuleDescription, RunMoment, RunSource } from '../../protocol/connections/connectionSource.ts';
import { RUN_FILES } from '../../protocol/runs/runFolder.ts';
import { checkpointTensorsFile } from '../../run/checkpointStore.ts';
import { readRunRecord } from '../../run/runRecord.ts';
import { STATE_DELTAS } from '../../training/stateTensors.ts';
import { openAdapterSource } from './adapterSource.ts';
import { leaseBase, type BasePool } from './baseAccess.ts';
import { notPerNeuron, SELECTING } from './notPerNeuron.ts';
import { openFileSource, type DeltaReader } from './fileSource.ts';
import { shapesOf } from './moduleShapes.ts';
import type { OpenSource } from './openSource.ts';
import { readSelectionSummary } from './selectionSummary.ts';

/** A run whose moment is settled. */
export interface SettledRunSource extends RunSource {
  readonly at: RunMoment;
}

/** @throws ExpectedError `run/…`, `selection/…`, `inspection/foreignState`, `checkpoint/corruptHeader`, `files/…` */
export async function openRunSource(source: SettledRunSource, bases: BasePool): Promise<OpenSource> {
  const { folder, at } = source;
  const { name, base: baseRecord, configuration } = await readRunRecord(folder);
  const { method } = configuration;
  if (!SELECTING.includes(method) || (method === 'masked' && typeof at === 'number')) {
    throw notPerNeuron(folder, method);
  }
  const summary = await readSelectionSummary(folder);
  const shapes = shapesOf(summary.modules, 'selection');
  if (at === 'adapter') return openAdapterSource(join(folder, RUN_FILES.adapter), bases, { source, name, shapes });
  const hasHead = ENCODER_TYPES.some((type) => type === baseRecord.modelType);
  const file = await openSafetensors(join(folder, RUN_FILES.selection));
  const base = await leaseBase(bases, baseRecord.path, baseRecord.fingerprint);
  return openFileSource({
    file,
    base,
    shapes,
    about: {
      source,
      name,
      modelType: baseRecord.modelType,
      base: baseRecord.path,
      strategy: summary.strategy,
      k: summary.k,
      totalParameters: summary.totalParameters,
    },
    openDeltas:
      at === 'selection' ? null : (modules) => openStateDeltas(checkpointTensorsFile(folder, at), modules, hasHead),
  });
}

/**
 * A training state holds the deltas of all modules one after the other, in the order of the forward pass, and behind them
 * the classifier of an encoder. Its file is open only while it is read: the run may remove it at any time.
 */
async function openStateDeltas(
  path: string,
  modules: readonly ModuleDescription[],
  hasHead: boolean,
): Promise<DeltaReader> {
  const offsets = new Map<string, number>();
  let total = 0;
  for (const { module, selected } of modules) {
    offsets.set(module, total);
    total += selected;
  }
  const size = { bytes: total * 4, isLeast: hasHead };
  await withState(path, size, () => Promise.resolve());
  return {
    async read({ module, selected }, allocate = allocateFresh) {
      const deltas = new Float32Array(allocate(selected * 4), 0, selected);
      const bytes = new Uint8Array(deltas.buffer, 0, deltas.byteLength);
      await withState(path, size, (file) => file.readInto(STATE_DELTAS, offsets.get(module)! * 4, bytes));
      return deltas;
    },
  };
}

interface StateSize {
  readonly bytes: number;
  /** Whether more may follow. */
  readonly isLeast: boolean;
}

async function withState(
  path: string,
  { bytes, isLeast }: StateSize,
  work: (file: SafetensorsFile) => Promise<void>,
): Promise<void> {
  const file = await openSafetensors(path);
  try {
    const entry = file.tensors.get(STATE_DELTAS);
    const found = entry?.dtype === 'F32' ? entry.byteLength : NaN;
    if (found === bytes || (isLeast && found > bytes)) {
      await work(file);
      return;
    }
  } finally {
    await file.close();
  }
  const problem = `expected F32 deltas of the run's ${bytes / 4} selected connections`;
  const fix = 'The checkpoint is damaged or of another run: look at another one.';
  throw new ExpectedError('inspection/foreignState', problem, fix, { file: path, tensor: STATE_DELTAS });
}
