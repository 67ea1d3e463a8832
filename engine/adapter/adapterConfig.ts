/** `adapter_config.json`: read from hostile files, every field checked. */
import { z } from 'zod';
import { ExpectedError } from '../errors/expected.ts';
import { ADAPTER_SCHEMA_VERSION, type AdapterConfig } from '../protocol/runs/adapter.ts';
import { invalidConfig, readAdapterJson } from './jsonFile.ts';

const count = z.int().positive();

const adapterConfigSchema = z.object({
  peft_type: z.literal('NEUROADA'),
  schema_version: z.literal(ADAPTER_SCHEMA_VERSION),
  task_type: z.enum(['CAUSAL_LM', 'SEQ_CLS']),
  inference_mode: z.literal(true),
  base_model_name_or_path: z.string(),
  base_fingerprint: z.object({ algorithm: z.string().min(1), value: z.string().min(1) }),
  base_model_type: z.string(),
  target_modules: z.array(z.string()).min(1),
  strategy: z.string(),
  k: count,
  neuron_share: z.number().gt(0).lte(1),
  trainable_parameters: count,
  total_parameters: count,
  neuroada_version: z.string(),
});

/** @throws ExpectedError `adapter/invalidConfig`, `adapter/unknownVersion`, `files/…` */
export async function readAdapterConfig(file: string): Promise<AdapterConfig> {
  const value = await readAdapterJson(file);
  const version = z.object({ peft_type: z.literal('NEUROADA'), schema_version: z.int() }).safeParse(value);
  if (version.success && version.data.schema_version !== ADAPTER_SCHEMA_VERSION) {
    throw new ExpectedError(
      'adapter/unknownVersion',
      `expected schema_version ${ADAPTER_SCHEMA_VERSION}, found ${version.data.schema_version}`,
      'Use the version of NeuroAda that wrote the adapter, or a newer one.',
      { file, field: 'schema_version' },
    );
  }
  const parsed = adapterConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidConfig(file, issue?.message ?? 'not an adapter configuration', issue?.path.join('.'));
}
