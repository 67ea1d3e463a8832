/** What the adapters of a merge change, matrix by matrix: loaded when a matrix is reached, joined where several change it. */
import { join } from 'node:path';
import { adaptedModules, openAdapter, type OpenAdapter } from '../adapter/adapter.ts';
import { createBufferArena } from '../checkpoint/bufferArena.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { SafetensorsFile } from '../checkpoint/safetensorsReader.ts';
import { ExpectedError } from '../errors/expected.ts';
import { ADAPTER_FILES } from '../protocol/runFolder.ts';
import type { TargetModule } from '../selection/targetModules.ts';
import type { PatchTarget } from './filePatcher.ts';
import { entriesOf, joinEntries, type ModuleEntries } from './moduleEntries.ts';

/** Loads the entries of all adapters in one module; they are good until the next one is loaded. */
export type EntriesLoader = (module: string) => Promise<ModuleEntries>;

/** Opens the adapters for as long as `work` runs. */
export async function withAdapters<T>(
  folders: readonly string[],
  work: (adapters: readonly OpenAdapter[]) => Promise<T>,
): Promise<T> {
  const adapters: OpenAdapter[] = [];
  try {
    for (const folder of folders) adapters.push(await openAdapter(folder));
    return await work(adapters);
  } finally {
    for (const adapter of adapters) await adapter.close();
  }
}

/** @throws ExpectedError `adapter/otherArchitecture` */
export function adaptedTargets(checkpoint: Checkpoint, adapters: readonly OpenAdapter[]): readonly TargetModule[] {
  const targets = adapters.flatMap((adapter) => adaptedModules(adapter, checkpoint.config));
  return [...new Map(targets.map((target) => [target.module, target])).values()];
}

/** The matrices of the file among the targets. */
export function targetsInFile(
  checkpoint: Checkpoint,
  file: SafetensorsFile,
  targets: readonly TargetModule[],
): readonly PatchTarget[] {
  return targets.flatMap(({ module }) => {
    const placed = checkpoint.tensor(`${module}.weight`);
    return placed.file === file ? [{ module, entry: placed.entry }] : [];
  });
}

/** @throws ExpectedError `merge/otherBase` where adapters were trained on weights of different types */
export function createEntriesLoader(targets: readonly TargetModule[], adapters: readonly OpenAdapter[]): EntriesLoader {
  const byModule = new Map(targets.map((target) => [target.module, target]));
  const arena = createBufferArena();
  return async (module) => {
    arena.reset();
    const target = byModule.get(module);
    let joined: ModuleEntries | undefined;
    for (const adapter of adapters) {
      if (target === undefined || !adapter.modules.has(module)) continue;
      const entries = entriesOf(await adapter.readModule(target, arena.allocate), arena.allocate);
      if (joined !== undefined) requireDtype(entries, joined.dtype, adapter, module);
      joined = joined === undefined ? entries : joinEntries(joined, entries);
    }
    if (joined === undefined) throw new RangeError(`no adapter adapts ${module}`);
    return joined;
  };
}

function requireDtype({ dtype }: ModuleEntries, expected: string, { folder }: OpenAdapter, module: string): void {
  if (dtype === expected) return;
  throw new ExpectedError(
    'merge/otherBase',
    `the adapter was trained on weights of type ${dtype}, the one before it on ${expected}`,
    'Merge adapters that were trained on the same base.',
    { file: join(folder, ADAPTER_FILES.model), tensor: module },
  );
}
