/** Takes an adapter out of a merged checkpoint again: the adapter keeps the base's own bytes at every entry it changed. */
import { open, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openAdapter, adaptedModules, type OpenAdapter } from '../adapter/adapter.ts';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import { elementSize } from '../checkpoint/dtype.ts';
import { checkpointFingerprint } from '../checkpoint/fingerprint.ts';
import { LENGTH_PREFIX_BYTES, parseSafetensorsHeader, type TensorEntry } from '../checkpoint/safetensorsHeader.ts';
import type { SafetensorsFile } from '../checkpoint/safetensorsReader.ts';
import { CancelledError, ExpectedError } from '../errors/expected.ts';
import { writeExactly } from '../files/positionalAccess.ts';
import type { WeightDtype } from '../selection/weightDtype.ts';
import { linearModules } from '../selection/targetModules.ts';
import { carryFile, listCarriedFiles } from './carriedFiles.ts';
import { createFilePatcher } from './filePatcher.ts';
import { streamFile } from './fileStream.ts';
import { FLOAT_ACCESS } from './floatAccess.ts';
import { inflatedBytes, readMergeRecord, type MergeRecord } from './mergeRecord.ts';
import { entriesOf, type ModuleEntries } from './moduleEntries.ts';
import { createOutputFolder } from './outputFolder.ts';
import { createUnmergePatch } from './tensorPatch.ts';

export interface UnmergeOptions {
  readonly merged: string;
  /** Folder of the adapter that was merged. */
  readonly adapter: string;
  readonly output: string;
  /** Restore even where merged entries are not base plus delta, as after further training. */
  readonly allowChanged: boolean;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

export interface UnmergeReport {
  readonly output: string;
  readonly restoredEntries: number;
  /** Entries that were not base plus delta. */
  readonly changedSince: number;
  /** Whether the result has the fingerprint of the adapter's base. */
  readonly isExact: boolean;
}

const CHUNK_BYTES = 4 << 20;

/** @throws ExpectedError `merge/changedSince` where entries were changed after the merge; `adapter/…`, `checkpoint/…` */
export async function unmerge(options: UnmergeOptions): Promise<UnmergeReport> {
  const checkpoint = await openCheckpoint(options.merged);
  const adapter = await openAdapter(options.adapter);
  try {
    const record = await readMergeRecord(options.merged);
    const weightNames = new Set(checkpoint.files.map(({ path }) => basename(path)));
    const carried = await listCarriedFiles(options.merged, weightNames);
    const weightBytes = checkpoint.files.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
    const totals = { entries: 0, unexpected: 0 };
    await createOutputFolder(options.output, options.merged, carried.sizeBytes + weightBytes, async (folder) => {
      for (const name of carried.names) await carryFile(options.merged, folder, name);
      const work = new Restoration(checkpoint, adapter, record, options, totals);
      for (const file of checkpoint.files) await work.restore(file, join(folder, basename(file.path)));
      await restoreTexts(folder, record, weightNames);
      if (totals.unexpected > 0 && !options.allowChanged) throw changedSince(options.merged, totals.unexpected);
    });
    return {
      output: options.output,
      restoredEntries: totals.entries,
      changedSince: totals.unexpected,
      isExact: (await fingerprintOf(options.output)) === adapter.config.base_fingerprint.value,
    };
  } finally {
    await adapter.close();
    await checkpoint.close();
  }
}

async function fingerprintOf(folder: string): Promise<string> {
  const checkpoint = await openCheckpoint(folder);
  try {
    return (await checkpointFingerprint(checkpoint)).value;
  } finally {
    await checkpoint.close();
  }
}

/** Text files that a widening merge rewrote get their own content back. */
async function restoreTexts(
  folder: string,
  record: MergeRecord | undefined,
  weightNames: ReadonlySet<string>,
): Promise<void> {
  for (const [name, content] of Object.entries(record?.replaced ?? {})) {
    if (!weightNames.has(name) && basename(name) === name)
      await writeFile(join(folder, name), inflatedBytes(content, folder));
  }
}

class Restoration {
  readonly #checkpoint: Checkpoint;
  readonly #adapter: OpenAdapter;
  readonly #record: MergeRecord | undefined;
  readonly #options: UnmergeOptions;
  readonly #totals: { entries: number; unexpected: number };
  #doneBytes = 0;

  constructor(
    checkpoint: Checkpoint,
    adapter: OpenAdapter,
    record: MergeRecord | undefined,
    options: UnmergeOptions,
    totals: { entries: number; unexpected: number },
  ) {
    this.#checkpoint = checkpoint;
    this.#adapter = adapter;
    this.#record = record;
    this.#options = options;
    this.#totals = totals;
  }

  async restore(file: SafetensorsFile, target: string): Promise<void> {
    const header = this.#record?.replaced[basename(file.path)];
    if (header === undefined) await this.#patch(file, target);
    else await this.#narrow(file, target, inflatedBytes(header, this.#options.merged));
  }

  async #patch(file: SafetensorsFile, target: string): Promise<void> {
    const modules = adaptedModules(this.#adapter, this.#checkpoint.config)
      .map(({ module }) => ({ module, entry: this.#checkpoint.tensor(`${module}.weight`).entry }))
      .filter(({ entry }) => file.tensors.get(entry.name) === entry);
    const patcher = createFilePatcher(
      modules,
      async ({ module, entry }) => createUnmergePatch(await this.#entries(module), entry.dtype as WeightDtype),
      (_, counts) => {
        this.#count(counts);
      },
    );
    const { signal } = this.#options;
    await streamFile(file.path, target, file.sizeBytes, {
      ...patcher,
      signal,
      onBytes: (count) => {
        this.#advance(count);
      },
    });
  }

  /** Rebuilds a file of the base's types: its header as it was, its tensors rounded back, which is exact. */
  async #narrow(file: SafetensorsFile, target: string, header: Uint8Array): Promise<void> {
    const sizes = parseSafetensorsHeader(header, headerFileSize(header), file.path);
    const handle = await open(target, 'wx');
    try {
      const prefix = new Uint8Array(LENGTH_PREFIX_BYTES);
      new DataView(prefix.buffer).setBigUint64(0, BigInt(header.byteLength), true);
      await writeExactly(handle, prefix, 0);
      await writeExactly(handle, header, LENGTH_PREFIX_BYTES);
      for (const entry of sizes.tensors.values()) {
        let position = entry.position;
        for await (const chunk of this.#narrowedChunks(file, entry)) {
          await writeExactly(handle, chunk, position);
          position += chunk.byteLength;
        }
      }
    } finally {
      await handle.close();
    }
  }

  async *#narrowedChunks(file: SafetensorsFile, entry: TensorEntry): AsyncGenerator<Uint8Array> {
    const wide = file.tensors.get(entry.name);
    if (wide === undefined) throw changedSince(file.path, 1);
    const module = entry.name.replace(/\.weight$/, '');
    const patch = this.#adapter.modules.has(module)
      ? createUnmergePatch(await this.#entries(module), 'F32')
      : undefined;
    for (let offset = 0; offset < wide.byteLength; offset += CHUNK_BYTES) {
      if (this.#options.signal?.aborted === true) throw new CancelledError();
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, wide.byteLength - offset));
      await file.readInto(entry.name, offset, chunk);
      patch?.apply(chunk, chunk, offset / elementSize('F32'));
      this.#advance(chunk.byteLength);
      yield wide.dtype === entry.dtype ? chunk : narrow(chunk, entry.dtype as WeightDtype);
    }
    if (patch !== undefined) this.#count(patch.counts());
  }

  async #entries(module: string): Promise<ModuleEntries> {
    const target = linearModules(this.#checkpoint.config).find((known) => known.module === module);
    if (target === undefined) throw new Error(`${module} is not a module of the base`);
    return entriesOf(await this.#adapter.readModule(target));
  }

  #count({ entries, unexpected }: { readonly entries: number; readonly unexpected: number }): void {
    this.#totals.entries += entries;
    this.#totals.unexpected += unexpected;
  }

  #advance(count: number): void {
    this.#doneBytes += count;
    const total = this.#checkpoint.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.#options.onProgress(this.#doneBytes, total);
  }
}

/** F32 bytes rounded to a 16-bit type. */
function narrow(wide: Uint8Array<ArrayBuffer>, dtype: WeightDtype): Uint8Array {
  const { bitsOf } = FLOAT_ACCESS[dtype];
  return new Uint8Array(Uint16Array.from(new Float32Array(wide.buffer), bitsOf).buffer);
}

/** The size that a file with this header must have, by its last tensor. */
function headerFileSize(header: Uint8Array): number {
  const ends = [...new TextDecoder().decode(header).matchAll(/"data_offsets"\s*:\s*\[\s*\d+\s*,\s*(\d+)\s*\]/g)];
  const end = ends.reduce((largest, match) => Math.max(largest, Number(match[1])), 0);
  return LENGTH_PREFIX_BYTES + header.byteLength + end;
}

function changedSince(file: string, count: number): ExpectedError {
  return new ExpectedError(
    'merge/changedSince',
    `${String(count)} entries are not the base plus this adapter: another adapter was merged too, or the model was changed since`,
    'Give the adapter that was merged, or unmerge anyway, which restores the base only at these entries.',
    { file },
  );
}
