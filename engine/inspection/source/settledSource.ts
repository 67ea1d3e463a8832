/** A source with its moment settled and the state of its files, which tells whether what is known of it still holds. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { INDEX_FILE, SINGLE_FILE } from '../../checkpoint/safetensors/shards.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { explainSystemError, systemErrorCode } from '../../files/systemError.ts';
import type {
  AdapterSource,
  CheckpointSource,
  ConnectionSource,
  SelectionSource,
} from '../../protocol/connections/connectionSource.ts';
import { ADAPTER_FILES, RUN_FILES } from '../../protocol/runs/runFolder.ts';
import { checkpointTensorsFile } from '../../run/checkpointStore.ts';
import { readRunRecord } from '../../run/runRecord.ts';
import { notPerNeuron, SELECTING } from './notPerNeuron.ts';
import { newestMoment } from './runMoments.ts';
import type { SettledRunSource } from './runSource.ts';

export type SettledSource = SettledRunSource | AdapterSource | SelectionSource | CheckpointSource;

/** @throws ExpectedError `run/…`, `files/…` */
export async function settleSource(source: ConnectionSource): Promise<SettledSource> {
  if (source.kind !== 'run') return source;
  const { folder, at } = source;
  return { kind: 'run', folder, at: at === 'newest' ? await newestMoment(folder) : at };
}

/**
 * Changes whenever the source's files do.
 * @throws ExpectedError `inspection/noSelection`, `files/…`
 */
export async function revisionOf(source: SettledSource): Promise<string> {
  const parts: string[] = [];
  for (const file of filesOf(source)) parts.push((await fileRevision(file)) ?? (await explainAbsence(source, file)));
  return parts.join(' ');
}

/** Size and time of change; undefined where there is no such file. */
export async function fileRevision(file: string): Promise<string | undefined> {
  try {
    const { size, mtimeMs } = await stat(file);
    return `${size}@${mtimeMs}`;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw explainSystemError(error, file);
  }
}

function filesOf(source: SettledSource): readonly string[] {
  const { folder } = source;
  switch (source.kind) {
    case 'run':
      if (source.at === 'adapter') return adapterFiles(join(folder, RUN_FILES.adapter));
      return [
        join(folder, RUN_FILES.selection),
        ...(source.at === 'selection' ? [] : [checkpointTensorsFile(folder, source.at)]),
      ];
    case 'adapter':
      return adapterFiles(folder);
    case 'selection':
      return [join(folder, RUN_FILES.selection), join(folder, RUN_FILES.selectionStatistics)];
    case 'checkpoint':
      return [SINGLE_FILE, INDEX_FILE].map((name) => join(folder, name));
  }
}

function adapterFiles(folder: string): readonly string[] {
  return [ADAPTER_FILES.model, ADAPTER_FILES.config].map((name) => join(folder, name));
}

async function explainAbsence(source: SettledSource, file: string): Promise<string> {
  // A checkpoint has one of its two files; opening it tells what is missing.
  if (source.kind === 'checkpoint') return '';
  if (source.kind === 'run' && file === join(source.folder, RUN_FILES.selection)) {
    if ((await fileRevision(join(source.folder, RUN_FILES.record))) === undefined) {
      throw new ExpectedError('run/notARun', 'is no run folder', 'Give the folder of a run.', { file: source.folder });
    }
    const { method } = (await readRunRecord(source.folder)).configuration;
    if (!SELECTING.includes(method)) throw notPerNeuron(source.folder, method);
    const fix = 'Wait until the run trains.';
    throw new ExpectedError('inspection/noSelection', 'the run has not selected its connections yet', fix, {
      file: source.folder,
    });
  }
  throw new ExpectedError('files/ENOENT', 'does not exist (any more)', 'Choose another moment or file.', { file });
}
