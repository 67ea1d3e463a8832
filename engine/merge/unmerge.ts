/** Takes adapters out of a merged checkpoint again: they keep the base's own bytes at every entry that they changed. */
import { basename, join } from 'node:path';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import { checkpointFingerprint } from '../checkpoint/fingerprint.ts';
import { INDEX_FILE } from '../checkpoint/safetensors/shards.ts';
import { ExpectedError } from '../errors/expected.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { isWeightDtype } from '../selection/weightDtype.ts';
import type { AdapterChanges } from './changes/adapterChanges.ts';
import { adaptedTargets, createChangeLoader, targetsInFile, withAdapters } from './adapterEntries.ts';
import { carryBehindCard } from './files/cardFiles.ts';
import { carryFile, listCarriedFiles } from './files/carriedFiles.ts';
import { MERGE_RECORD_FILE, readMergeRecord, unpackBytes } from './files/mergeRecord.ts';
import { refuseOtherDtype } from './mergeRefusal.ts';
import { createOutputFolder } from './files/outputFolder.ts';
import { writeNarrowedFile } from './files/restoredFile.ts';
import { createUnmergePatch } from './patches/tensorPatch.ts';
import { patchWeightFile, type FileTask } from './files/weightFiles.ts';

export interface UnmergeOptions {
  readonly merged: string;
  /** Folders of all adapters that were merged, in their order. */
  readonly adapters: readonly string[];
  readonly output: string;
  /** Restore even where merged weights are not base plus delta, as after further training. */
  readonly allowChanged: boolean;
  /** Bytes of the merged weight files. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

export interface UnmergeReport {
  readonly output: string;
  readonly restoredEntries: number;
  /** Weights that were not as the merge made them. */
  readonly changedSince: number;
  /** Whether the result has the fingerprint of the adapters' base. */
  readonly isExact: boolean;
}

/** Texts that a merge rewrites. */
const REPLACED_TEXTS = ['config.json', INDEX_FILE];

/**
 * Nothing appears at `output` before all of it is on disk and checked; the merged model is only read.
 * @throws ExpectedError `merge/changedSince` where weights were changed after the merge, `merge/otherBase`,
 *   `merge/invalidRecord`, `adapter/…`, `checkpoint/…`, `files/…`; CancelledError
 */
export async function unmerge(options: UnmergeOptions): Promise<UnmergeReport> {
  const checkpoint = await openCheckpoint(options.merged);
  try {
    return await withAdapters(options.adapters, (adapters) => unmergeOpened(checkpoint, adapters, options));
  } finally {
    await checkpoint.close();
  }
}

async function unmergeOpened(
  checkpoint: Checkpoint,
  adapters: readonly AdapterChanges[],
  options: UnmergeOptions,
): Promise<UnmergeReport> {
  const { merged, output, allowChanged } = options;
  const record = await readMergeRecord(merged);
  if (record?.has_classifier === true) throw hasClassifier(merged);
  const replaced = new Map(Object.entries(record?.replaced ?? {}));
  const carried = await listCarriedFiles(merged, new Set(checkpoint.files.map(({ path }) => basename(path))));
  const sizeBytes = checkpoint.files.reduce((total, file) => total + file.sizeBytes, carried.sizeBytes);
  let counts = { restored: 0, changedSince: 0 };
  let isExact = false;
  await createOutputFolder(output, merged, sizeBytes, async (folder) => {
    if (record?.has_card === true) await carryBehindCard(merged, folder, carried.names);
    else for (const name of carried.names) await carryFile(merged, folder, name);
    for (const name of REPLACED_TEXTS) {
      const packed = replaced.get(name);
      if (packed !== undefined) await writeFileAtomically(join(folder, name), unpackBytes(packed, recordFile(merged)));
    }
    counts = await restoreWeights(checkpoint, adapters, replaced, folder, options);
    if (counts.changedSince > 0 && !allowChanged) throw changedSince(merged, counts.changedSince);
    isExact = await hasBaseFingerprint(folder, adapters);
  });
  return { output, restoredEntries: counts.restored, changedSince: counts.changedSince, isExact };
}

async function restoreWeights(
  checkpoint: Checkpoint,
  adapters: readonly AdapterChanges[],
  replaced: ReadonlyMap<string, string>,
  folder: string,
  { onProgress, signal }: UnmergeOptions,
): Promise<{ restored: number; changedSince: number }> {
  const targets = adaptedTargets(checkpoint, adapters);
  const loadChange = createChangeLoader(targets, adapters);
  const totalBytes = checkpoint.files.reduce((total, file) => total + file.sizeBytes, 0);
  const counts = { restored: 0, changedSince: 0 };
  let doneBytes = 0;
  for (const file of checkpoint.files) {
    const header = replaced.get(basename(file.path));
    const task: FileTask = {
      file,
      target: join(folder, basename(file.path)),
      targets: targetsInFile(checkpoint, file, targets),
      createPatch: async (target) => {
        const change = await loadChange(target.entry.name);
        if (change.kind !== 'entries') throw notRestorable(adapters, target.entry.name);
        const { entries } = change;
        const { dtype } = target.entry;
        if (header === undefined || !isWeightDtype(dtype)) refuseOtherDtype(file.path, target, entries);
        return createUnmergePatch(entries, isWeightDtype(dtype) ? dtype : entries.dtype);
      },
      onPatched: (_, { entries, unexpected }) => {
        counts.restored += entries;
        counts.changedSince += unexpected;
      },
      onBytes: (count) => {
        doneBytes += count;
        onProgress(doneBytes, totalBytes);
      },
      signal,
    };
    if (header === undefined) {
      await patchWeightFile(task);
    } else {
      const file = recordFile(checkpoint.folder);
      counts.changedSince += await writeNarrowedFile(task, unpackBytes(header, file), file);
    }
  }
  return counts;
}

/** Opening the restored folder also checks that it is a whole checkpoint. */
async function hasBaseFingerprint(folder: string, adapters: readonly AdapterChanges[]): Promise<boolean> {
  const restored = await openCheckpoint(folder);
  try {
    const { algorithm, value } = await checkpointFingerprint(restored);
    return adapters.every(
      ({ about: { baseFingerprint: base } }) => base?.algorithm === algorithm && base.value === value,
    );
  } finally {
    await restored.close();
  }
}

function recordFile(folder: string): string {
  return join(folder, MERGE_RECORD_FILE);
}

function changedSince(file: string, count: number): ExpectedError {
  return new ExpectedError(
    'merge/changedSince',
    `${count} weights are not those of the base plus the adapter: another adapter was merged too, or the model was changed since`,
    'Name all adapters that were merged, in their order; weights that were changed since cannot be restored exactly.',
    { file },
  );
}

function notRestorable([first]: readonly AdapterChanges[], tensor: string): ExpectedError {
  return new ExpectedError(
    'merge/notRestorable',
    'expected an adapter that keeps the weights which it changes, found one that changes whole parameters',
    'Take the base checkpoint itself.',
    { file: first?.folder ?? '', tensor },
  );
}

function hasClassifier(file: string): ExpectedError {
  return new ExpectedError(
    'merge/hasClassifier',
    'the merge added a classifier, in place of what the base had, and rewrote its files',
    'Take the base checkpoint itself: a merge never changes it.',
    { file },
  );
}
