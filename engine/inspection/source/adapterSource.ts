/** An adapter folder as a source of connections. */
import { basename, join } from 'node:path';
import { readDeltas } from '../../adapter/adapter.ts';
import { readAdapterAbout } from '../../adapter/adapterAbout.ts';
import { readAdapterConfig } from '../../adapter/adapterConfig.ts';
import { openSafetensors, type SafetensorsFile } from '../../checkpoint/safetensorsReader.ts';
import type { AdapterSource, RunSource } from '../../protocol/connectionSource.ts';
import { ADAPTER_FILES } from '../../protocol/runFolder.ts';
import { leaseBase, type BasePool } from './baseAccess.ts';
import { notPerNeuron } from './notPerNeuron.ts';
import { openFileSource, type DeltaReader } from './fileSource.ts';
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
  if (about.format !== 'selected') throw notPerNeuron(folder, about.strategy);
  const config = await readAdapterConfig(join(folder, ADAPTER_FILES.config));
  const file = await openSafetensors(join(folder, ADAPTER_FILES.model));
  const base = await leaseBase(bases, config.base_model_name_or_path, config.base_fingerprint);
  return openFileSource({
    file,
    base,
    shapes: setting.shapes,
    about: {
      source: setting.source,
      name: setting.name,
      modelType: config.base_model_type,
      base: config.base_model_name_or_path,
      strategy: config.strategy,
      k: config.k,
      totalParameters: config.total_parameters,
    },
    openDeltas: () => Promise.resolve(adapterDeltas(file)),
  });
}

function adapterDeltas(file: SafetensorsFile): DeltaReader {
  return {
    read: ({ module, participatingNeurons, k }, allocate) =>
      readDeltas(file, module, [participatingNeurons, k], allocate),
  };
}
