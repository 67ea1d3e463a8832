/** What an adapter says of itself, whichever of the formats it has. */
import { join } from 'node:path';
import { z } from 'zod';
import { CHANGES_SCHEMA_VERSION } from '../protocol/runs/adapter.ts';
import { ADAPTER_FILES, type Fingerprint } from '../protocol/runs/runFolder.ts';
import { readAdapterConfig } from './adapterConfig.ts';
import { readChangesConfig } from './changesAdapter.ts';
import { readAdapterJson } from './jsonFile.ts';
import { openLoraAdapter } from './loraAdapter.ts';

/** Connections selected per neuron; changes of entries or of whole parameters; PEFT's LoRA. */
export type AdapterFormat = 'selected' | 'changes' | 'lora';

export interface AdapterAbout {
  readonly format: AdapterFormat;
  /** Folder or name of the base. */
  readonly base: string;
  /** Undefined where the adapter does not say which base it belongs to. */
  readonly baseFingerprint: Fingerprint | undefined;
  /** Empty, and 0, where the adapter does not say. */
  readonly baseModelType: string;
  readonly totalParameters: number;
  /** How connections were selected, or the method. */
  readonly strategy: string;
  /** Connections per neuron; 0 where none are selected. */
  readonly k: number;
  readonly trainableParameters: number;
  /** Version of NeuroAda that wrote it; empty where another program did. */
  readonly version: string;
}

const kindSchema = z.object({ peft_type: z.string(), schema_version: z.unknown().optional() });

/** @throws ExpectedError `adapter/…`, `files/…` */
export async function readAdapterFormat(folder: string): Promise<AdapterFormat> {
  const parsed = kindSchema.safeParse(await readAdapterJson(join(folder, ADAPTER_FILES.config)));
  if (parsed.data?.peft_type === 'LORA') return 'lora';
  return parsed.data?.schema_version === CHANGES_SCHEMA_VERSION ? 'changes' : 'selected';
}

/** @throws ExpectedError `adapter/…`, `files/…` */
export async function readAdapterAbout(folder: string): Promise<AdapterAbout> {
  const file = join(folder, ADAPTER_FILES.config);
  const format = await readAdapterFormat(folder);
  switch (format) {
    case 'selected': {
      const config = await readAdapterConfig(file);
      const { base_model_name_or_path, base_fingerprint, strategy, k, trainable_parameters, neuroada_version } = config;
      return {
        ...{ format, base: base_model_name_or_path, baseFingerprint: base_fingerprint, strategy, k },
        trainableParameters: trainable_parameters,
        version: neuroada_version,
        baseModelType: config.base_model_type,
        totalParameters: config.total_parameters,
      };
    }
    case 'changes': {
      const config = await readChangesConfig(file);
      return {
        ...{ format, base: config.base_model_name_or_path, baseFingerprint: config.base_fingerprint, k: 0 },
        strategy: config.method,
        trainableParameters: config.trainable_parameters,
        version: config.neuroada_version,
        baseModelType: config.base_model_type,
        totalParameters: config.total_parameters,
      };
    }
    case 'lora': {
      const adapter = await openLoraAdapter(folder);
      await adapter.close();
      const { base, baseFingerprint, version } = adapter.about;
      const { trainableParameters } = adapter;
      const unknown = { baseModelType: '', totalParameters: 0 };
      return {
        ...{ format, base, baseFingerprint, strategy: 'lora', k: 0, trainableParameters, version: version ?? '' },
        ...unknown,
      };
    }
  }
}
