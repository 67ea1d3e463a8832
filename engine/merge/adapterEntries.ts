/** What the adapters of a merge change, tensor by tensor: loaded when one is reached, joined where several change it. */
import { join } from 'node:path';
import { createBufferArena } from '../checkpoint/safetensors/bufferArena.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { ExpectedTensor } from '../checkpoint/config/expectedTensor.ts';
import type { SafetensorsFile } from '../checkpoint/safetensors/safetensorsReader.ts';
import { ExpectedError } from '../errors/expected.ts';
import { ADAPTER_FILES } from '../protocol/runs/runFolder.ts';
import { changedTensors, openAdapterChanges, type AdapterChanges } from './changes/adapterChanges.ts';
import type { PatchTarget } from './patches/filePatcher.ts';
import { joinChanges, type TensorChange } from './changes/tensorChange.ts';

/** Loads the changes of all adapters in one tensor; they are good until the next one is loaded. */
export type ChangeLoader = (tensor: string) => Promise<TensorChange>;

/** Opens the adapters for as long as `work` runs. */
export async function withAdapters<T>(
  folders: readonly string[],
  work: (adapters: readonly AdapterChanges[]) => Promise<T>,
): Promise<T> {
  const adapters: AdapterChanges[] = [];
  try {
    for (const folder of folders) adapters.push(await openAdapterChanges(folder));
    return await work(adapters);
  } finally {
    for (const adapter of adapters) await adapter.close();
  }
}

/** @throws ExpectedError `adapter/otherArchitecture` */
export function adaptedTargets(checkpoint: Checkpoint, adapters: readonly AdapterChanges[]): readonly ExpectedTensor[] {
  const targets = adapters.flatMap((adapter) => changedTensors(adapter, checkpoint.config));
  return [...new Map(targets.map((target) => [target.name, target])).values()];
}

/** The tensors of the file among the targets. */
export function targetsInFile(
  checkpoint: Checkpoint,
  file: SafetensorsFile,
  targets: readonly ExpectedTensor[],
): readonly PatchTarget[] {
  return targets.flatMap(({ name }) => {
    const placed = checkpoint.tensor(name);
    return placed.file === file ? [{ module: name.replace(/\.weight$/, ''), entry: placed.entry }] : [];
  });
}

/**
 * @throws ExpectedError `merge/otherBase` where adapters were trained on weights of different types, `merge/cannotAdd`
 *   where one replaces what another adds to
 */
export function createChangeLoader(
  targets: readonly ExpectedTensor[],
  adapters: readonly AdapterChanges[],
): ChangeLoader {
  const byName = new Map(targets.map((target) => [target.name, target]));
  const arena = createBufferArena();
  return async (name) => {
    arena.reset();
    const target = byName.get(name);
    let joined: TensorChange | undefined;
    for (const adapter of adapters) {
      if (target === undefined || !adapter.tensors.has(name)) continue;
      const change = await adapter.readChange(target, arena.allocate);
      if (joined === undefined) {
        joined = change;
        continue;
      }
      requireDtype(change, joined, adapter, name);
      joined = joinChanges(joined, change) ?? refuseSum(adapter, name);
    }
    if (joined === undefined) throw new RangeError(`no adapter changes ${name}`);
    return joined;
  };
}

function requireDtype(change: TensorChange, before: TensorChange, { folder }: AdapterChanges, tensor: string): void {
  if (change.kind !== 'entries' || before.kind !== 'entries' || change.entries.dtype === before.entries.dtype) return;
  throw new ExpectedError(
    'merge/otherBase',
    `the adapter was trained on weights of type ${change.entries.dtype}, the one before it on ${before.entries.dtype}`,
    'Merge adapters that were trained on the same base.',
    { file: join(folder, ADAPTER_FILES.model), tensor: tensor.replace(/\.weight$/, '') },
  );
}

function refuseSum({ folder }: AdapterChanges, tensor: string): never {
  throw new ExpectedError(
    'merge/cannotAdd',
    'expected adapters that add to the weights, found one that replaces weights which another changes too',
    'Merge them one after the other.',
    { file: join(folder, ADAPTER_FILES.model), tensor },
  );
}
