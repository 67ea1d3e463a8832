/** Merges adapters into a copy of their base: the checkpoint's bytes stream by, and only the selected entries change. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import { classifierAmong } from '../adapter/headFile.ts';
import { checkpointFingerprint } from '../checkpoint/fingerprint.ts';
import { INDEX_FILE } from '../checkpoint/safetensors/shards.ts';
import { ExpectedError } from '../errors/expected.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import type { Fingerprint } from '../protocol/runs/runFolder.ts';
import { isWeightDtype } from '../selection/weightDtype.ts';
import type { AdapterChanges } from './changes/adapterChanges.ts';
import { adaptedTargets, createChangeLoader, targetsInFile, withAdapters } from './adapterEntries.ts';
import { writeCard } from './files/cardFiles.ts';
import { carryFile, listCarriedFiles, type SkippedFile } from './files/carriedFiles.ts';
import { widenedConfig, widenedIndex } from './files/float32Config.ts';
import { createDensePatch } from './patches/densePatch.ts';
import { addClassifier } from './mergedClassifier.ts';
import { addCounts, NO_ENTRIES, type MergeCounts } from './mergeCounts.ts';
import { packBytes, readHeaderBytes, writeMergeRecord } from './files/mergeRecord.ts';
import { refuseOtherDtype, refuseOtherWeights, refuseOverflows, refuseUnsupportedDtype } from './mergeRefusal.ts';
import { createOutputFolder } from './files/outputFolder.ts';
import { createMergePatch } from './patches/tensorPatch.ts';
import { hasHalves, patchWeightFile, widenedBytes, widenWeightFile, type FileTask } from './files/weightFiles.ts';

export interface MergeOptions {
  /** Folder of the base checkpoint. */
  readonly base: string;
  /** Adapter folders; where several change an entry their deltas are added in F32 before the one rounding. */
  readonly adapters: readonly string[];
  readonly output: string;
  /** The card of the merged model; without one, the base's stays. */
  readonly card?: string;
  /** Element type of the merged weights: the base's own, or F32 for all. */
  readonly dtype: 'base' | 'F32';
  /** Merge into a base that is not the one that the adapters were trained on. */
  readonly allowOtherBase: boolean;
  /** Bytes of the base's weight files. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** `unexpected` counts weights that another base has in place of those that the adapters were trained on. */
export interface MergeReport extends MergeCounts {
  readonly output: string;
  /** Files of the base that were not carried over, and why. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Nothing appears at `output` before all of it is on disk, and the base is only read. Memory does not depend on the
 * model's size.
 * @throws ExpectedError `merge/…`, `adapter/…`, `selection/invalidTensor`, `checkpoint/…`, `files/…`; CancelledError
 */
export async function mergeAdapters(options: MergeOptions): Promise<MergeReport> {
  const checkpoint = await openCheckpoint(options.base);
  try {
    return await withAdapters(options.adapters, (adapters) => mergeOpened(checkpoint, adapters, options));
  } finally {
    await checkpoint.close();
  }
}

async function mergeOpened(
  checkpoint: Checkpoint,
  adapters: readonly AdapterChanges[],
  options: MergeOptions,
): Promise<MergeReport> {
  const fingerprint = await checkpointFingerprint(checkpoint);
  if (!options.allowOtherBase) for (const adapter of adapters) refuseOtherBase(adapter, fingerprint, options.base);
  const classifier = await classifierAmong(options.adapters);
  const carried = await listCarriedFiles(options.base, new Set(checkpoint.files.map(({ path }) => basename(path))));
  const isWidened = options.dtype === 'F32' && checkpoint.files.some(hasHalves);
  const sizeBytes = checkpoint.files.reduce(
    (total, file) => total + (isWidened ? widenedBytes(file) : 0) + file.sizeBytes,
    carried.sizeBytes,
  );
  let counts = NO_ENTRIES;
  await createOutputFolder(options.output, options.base, sizeBytes, async (folder) => {
    for (const name of carried.names) await carryFile(options.base, folder, name);
    counts = await writeWeights(checkpoint, adapters, folder, isWidened, options);
    const replaced = isWidened ? await replaceTypes(checkpoint, folder, carried.names) : {};
    if (classifier !== undefined) {
      const names = checkpoint.files.map(({ path }) => basename(path));
      await addClassifier(folder, names, checkpoint.config, classifier, options.signal);
    }
    if (options.card !== undefined) await writeCard(folder, options.card, carried.names);
    await writeMergeRecord(folder, {
      base_fingerprint: fingerprint,
      is_widened: isWidened,
      adapters: adapters.map(({ about: { strategy, k, trainableParameters, version } }) => ({
        strategy,
        k,
        trainable_parameters: trainableParameters,
        neuroada_version: version,
      })),
      replaced: classifier === undefined ? replaced : {},
      has_classifier: classifier !== undefined,
      has_card: options.card !== undefined,
    });
  });
  return { output: options.output, skipped: carried.skipped, ...counts };
}

async function writeWeights(
  checkpoint: Checkpoint,
  adapters: readonly AdapterChanges[],
  folder: string,
  isWidened: boolean,
  { allowOtherBase, onProgress, signal }: MergeOptions,
): Promise<MergeCounts> {
  const targets = adaptedTargets(checkpoint, adapters);
  const loadChange = createChangeLoader(targets, adapters);
  const totalBytes = checkpoint.files.reduce((total, file) => total + file.sizeBytes, 0);
  let counts = NO_ENTRIES;
  let doneBytes = 0;
  for (const file of checkpoint.files) {
    const task: FileTask = {
      file,
      target: join(folder, basename(file.path)),
      targets: targetsInFile(checkpoint, file, targets),
      createPatch: async (target) => {
        const change = await loadChange(target.entry.name);
        const { dtype } = target.entry;
        if (change.kind === 'entries') {
          refuseOtherDtype(file.path, target, change.entries);
          return createMergePatch(change.entries, isWidened ? 'F32' : change.entries.dtype);
        }
        if (!isWeightDtype(dtype)) refuseUnsupportedDtype(file.path, target);
        return createDensePatch(change, dtype, isWidened ? 'F32' : dtype);
      },
      onPatched: (target, patched) => {
        if (!allowOtherBase) refuseOtherWeights(file.path, target, patched);
        refuseOverflows(file.path, target, patched);
        counts = addCounts(counts, target.module, patched);
      },
      onBytes: (count) => {
        doneBytes += count;
        onProgress(doneBytes, totalBytes);
      },
      signal,
    };
    await (isWidened ? widenWeightFile(task) : patchWeightFile(task));
  }
  return counts;
}

/**
 * Rewrites the texts that tell of the base's types.
 * @returns what was replaced, headers of the weight files included, as the record keeps it
 */
async function replaceTypes(
  checkpoint: Checkpoint,
  folder: string,
  carried: readonly string[],
): Promise<Record<string, string>> {
  const totalBytes = checkpoint.files.reduce((total, file) => total + widenedBytes(file), 0);
  const rewrites: readonly (readonly [name: string, rewrite: (text: string, file: string) => string])[] = [
    ['config.json', widenedConfig],
    [INDEX_FILE, (text) => widenedIndex(text, totalBytes)],
  ];
  const replaced: Record<string, string> = {};
  for (const [name, rewrite] of rewrites) {
    if (!carried.includes(name)) continue;
    const file = join(folder, name);
    const before = await readFile(file);
    await writeFileAtomically(file, rewrite(before.toString('utf8'), join(checkpoint.folder, name)));
    replaced[name] = packBytes(before);
  }
  for (const file of checkpoint.files) replaced[basename(file.path)] = packBytes(await readHeaderBytes(file));
  return replaced;
}

/** An adapter of another program does not say which base it belongs to. */
function refuseOtherBase({ folder, about }: AdapterChanges, { algorithm, value }: Fingerprint, base: string): void {
  const own = about.baseFingerprint;
  if (own === undefined || (own.algorithm === algorithm && own.value === value)) return;
  throw new ExpectedError(
    'merge/otherBase',
    `the adapter was trained on another checkpoint (${about.base}) than ${base}`,
    'Name the base that it was trained on, or allow another base explicitly.',
    { file: folder },
  );
}
