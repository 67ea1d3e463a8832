/** Merges adapters into a copy of their base: the checkpoint's bytes stream by, and only the selected entries change. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { adaptedModules, openAdapter, type OpenAdapter } from '../adapter/adapter.ts';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import { checkpointFingerprint } from '../checkpoint/fingerprint.ts';
import type { SafetensorsFile } from '../checkpoint/safetensorsReader.ts';
import { INDEX_FILE } from '../checkpoint/shards.ts';
import { ExpectedError } from '../errors/expected.ts';
import { linearModules } from '../selection/targetModules.ts';
import { carryFile, listCarriedFiles, type SkippedFile } from './carriedFiles.ts';
import { deflatedText, writeMergeRecord } from './mergeRecord.ts';
import { entriesOf, joinEntries, type ModuleEntries } from './moduleEntries.ts';
import { createOutputFolder } from './outputFolder.ts';
import { addCounts, NO_ENTRIES, type MergeCounts } from './mergeCounts.ts';
import { widenedConfig, widenedIndex } from './float32Config.ts';
import { patchWeightFile, widenWeightFile, type FileTask } from './weightFiles.ts';

export interface MergeOptions {
  /** Folder of the base checkpoint. */
  readonly base: string;
  /** Adapter folders; where several change an entry their deltas are added in F32 before the one rounding. */
  readonly adapters: readonly string[];
  readonly output: string;
  /** Element type of the merged weights: the base's own, or F32 for all. */
  readonly dtype: 'base' | 'F32';
  /** Merge into a base that is not the one that the adapters were trained on. */
  readonly allowOtherBase: boolean;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

export interface MergeReport extends MergeCounts {
  readonly output: string;
  /** Files of the base that were not carried over, and why. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Nothing appears at `output` before all of it is on disk, and the base is only read.
 * @throws ExpectedError `merge/…`, `adapter/…`, `checkpoint/…`; CancelledError
 */
export async function mergeAdapters(options: MergeOptions): Promise<MergeReport> {
  const checkpoint = await openCheckpoint(options.base);
  const adapters: OpenAdapter[] = [];
  try {
    for (const folder of options.adapters) adapters.push(await openAdapter(folder));
    const fingerprint = await checkpointFingerprint(checkpoint);
    if (!options.allowOtherBase)
      for (const adapter of adapters) refuseOtherBase(adapter, fingerprint.value, options.base);
    const weightNames = new Set(checkpoint.files.map(({ path }) => basename(path)));
    const carried = await listCarriedFiles(options.base, weightNames);
    const counts: MergeCounts[] = [];
    const growth = options.dtype === 'F32' ? 2 : 1;
    const weightBytes = checkpoint.files.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
    await createOutputFolder(options.output, options.base, carried.sizeBytes + weightBytes * growth, async (folder) => {
      for (const name of carried.names) await carryFile(options.base, folder, name);
      const replaced = await writeWeights(checkpoint, adapters, folder, options, weightBytes, counts);
      await writeMergeRecord(folder, {
        base_fingerprint: fingerprint,
        is_widened: options.dtype === 'F32',
        adapters: adapters.map(({ config: { strategy, k, trainable_parameters, neuroada_version } }) => ({
          strategy,
          k,
          trainable_parameters,
          neuroada_version,
        })),
        replaced,
      });
    });
    return { output: options.output, skipped: carried.skipped, ...counts.reduce(addCounts, NO_ENTRIES) };
  } finally {
    for (const adapter of adapters) await adapter.close();
    await checkpoint.close();
  }
}

/** @returns what the record keeps of files that were rewritten */
async function writeWeights(
  checkpoint: Checkpoint,
  adapters: readonly OpenAdapter[],
  folder: string,
  { dtype, allowOtherBase, onProgress, signal }: MergeOptions,
  totalBytes: number,
  counts: MergeCounts[],
): Promise<Record<string, string>> {
  const replaced: Record<string, string> = {};
  const targets = adaptedTargets(checkpoint, adapters);
  let doneBytes = 0;
  let widenedBytes = 0;
  for (const file of checkpoint.files) {
    const task: FileTask = {
      file,
      target: join(folder, basename(file.path)),
      entries: entriesLoader(checkpoint, adapters),
      modules: targets.filter(({ entry }) => file.tensors.get(entry.name) === entry),
      signal,
      onBytes: (count) => {
        doneBytes += count;
        onProgress(doneBytes, totalBytes);
      },
      onPatched: (module, patched) => {
        refuseUnexpected(file, module, patched.unexpected, allowOtherBase);
        counts.push({ ...patched, modules: [{ module, ...patched }] });
      },
    };
    if (dtype === 'base') {
      await patchWeightFile(task);
    } else {
      const { headerBytes, tensorBytes } = await widenWeightFile(task);
      replaced[basename(file.path)] = deflatedText(headerBytes);
      widenedBytes += tensorBytes;
    }
  }
  if (dtype === 'F32') Object.assign(replaced, await rewriteTexts(folder, widenedBytes));
  return replaced;
}

/** config.json and the index tell of F32; their originals go into the record. */
async function rewriteTexts(folder: string, totalBytes: number): Promise<Record<string, string>> {
  const replaced: Record<string, string> = {};
  const rewrite = async (name: string, change: (text: string, file: string) => string): Promise<void> => {
    const file = join(folder, name);
    const before = await readFile(file);
    await writeFile(file, change(before.toString('utf8'), file));
    replaced[name] = deflatedText(before);
  };
  await rewrite('config.json', widenedConfig);
  const hasIndex = await readFile(join(folder, INDEX_FILE)).then(
    () => true,
    () => false,
  );
  if (hasIndex) await rewrite(INDEX_FILE, (text) => widenedIndex(text, totalBytes));
  return replaced;
}

function adaptedTargets(checkpoint: Checkpoint, adapters: readonly OpenAdapter[]): FileTask['modules'] {
  const modules = new Set(
    adapters.flatMap((adapter) => adaptedModules(adapter, checkpoint.config).map(({ module }) => module)),
  );
  return [...modules].map((module) => ({ module, entry: checkpoint.tensor(`${module}.weight`).entry }));
}

/** Loads a module's entries of all adapters when its matrix is reached. */
function entriesLoader(
  checkpoint: Checkpoint,
  adapters: readonly OpenAdapter[],
): (module: string) => Promise<ModuleEntries> {
  const targets = new Map(linearModules(checkpoint.config).map((target) => [target.module, target]));
  return async (module) => {
    const target = targets.get(module);
    if (target === undefined) throw new Error(`${module} is not a module of the base`);
    const parts: ModuleEntries[] = [];
    for (const adapter of adapters) {
      if (adapter.modules.has(module)) parts.push(entriesOf(await adapter.readModule(target)));
    }
    return parts.reduce(joinEntries);
  };
}

function refuseOtherBase({ folder, config }: OpenAdapter, fingerprint: string, base: string): void {
  if (config.base_fingerprint.value === fingerprint) return;
  throw new ExpectedError(
    'merge/otherBase',
    `the adapter was trained on another checkpoint (${config.base_model_name_or_path}) than ${base}`,
    'Name the base that it was trained on, or allow another base explicitly.',
    { file: folder },
  );
}

function refuseUnexpected({ path }: SafetensorsFile, module: string, unexpected: number, isAllowed: boolean): void {
  if (unexpected === 0 || isAllowed) return;
  throw new ExpectedError(
    'merge/otherBase',
    `${String(unexpected)} weights differ from those that the adapter was trained on`,
    'Name the base that it was trained on, or allow another base explicitly.',
    { file: path, tensor: `${module}.weight` },
  );
}
