/** An adapter folder as a source of connections. */
import { basename, join } from 'node:path';
import { readDeltas } from '../../adapter/adapter.ts';
import { readAdapterAbout } from '../../adapter/adapterAbout.ts';
import { openSafetensors, type SafetensorsFile } from '../../checkpoint/safetensors/safetensorsReader.ts';
import type { AdapterSource, RunSource } from '../../protocol/connections/connectionSource.ts';
import { VALUES_TENSOR } from '../../protocol/runs/adapter.ts';
import { ADAPTER_FILES } from '../../protocol/runs/runFolder.ts';
import { leaseBase, type BasePool } from './baseAccess.ts';
import { notPerNeuron } from './notPerNeuron.ts';
import { hasScatteredEntries, openFileSource, type DeltaReader } from './fileSource.ts';
import type { ModuleShapes } from './moduleShapes.ts';
import type { OpenSource } from './openSource.ts';

/** What the adapter of a run takes from its run. */
export interface AdapterSetting {
  readonly source: AdapterSource | RunSource;
  readonly name: string;
  readonly shapes: ModuleShapes | undefined;
}

/** @throws ExpectedError `adapter/…`, `selection/invalidTensor`, `checkpoint/corruptHeader`, `files/…` */
export async function openAdapterSource(
  folder: string,
  bases: BasePool,
  setting: AdapterSetting = {
    source: { kind: 'adapter', folder },
    name: basename(folder),
    shapes: undefined,
  },
): Promise<OpenSource> {
  const about = await readAdapterAbout(folder);
  if (about.format === 'lora' || about.baseFingerprint === undefined) throw notPerNeuron(folder, about.strategy);
  const file = await openSafetensors(join(folder, ADAPTER_FILES.model));
  if (hasWholeParameters(file)) {
    await file.close();
    throw notPerNeuron(folder, about.strategy);
  }
  const base = await leaseBase(bases, about.base, about.baseFingerprint);
  return openFileSource({
    file,
    base,
    shapes: setting.shapes,
    about: {
      source: setting.source,
      name: setting.name,
      modelType: about.baseModelType,
      base: about.base,
      strategy: about.strategy,
      k: about.k,
      totalParameters: about.totalParameters,
    },
    openDeltas: () => Promise.resolve(adapterDeltas(file)),
  });
}

function adapterDeltas(file: SafetensorsFile): DeltaReader {
  return {
    read: ({ module, participatingNeurons, k, selected }, allocate) =>
      hasScatteredEntries(file, module)
        ? readDeltas(file, `${module}.weight`, [selected], allocate)
        : readDeltas(file, module, [participatingNeurons, k], allocate),
  };
}

/** Whether it replaces parameters, or changes others than weights. */
function hasWholeParameters({ tensors }: SafetensorsFile): boolean {
  return [...tensors.keys()].some((name) => name.endsWith(VALUES_TENSOR));
}
