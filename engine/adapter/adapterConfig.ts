/** `adapter_config.json`: read from hostile files, every field checked. */
import { z } from 'zod';
import { ExpectedError } from '../errors/expected.ts';
import { readExactly } from '../files/positionalAccess.ts';
import { openRegularFile } from '../files/regularFile.ts';
import { explainingErrors } from '../files/systemError.ts';
import { ADAPTER_SCHEMA_VERSION, type AdapterConfig } from '../protocol/adapter.ts';

/** Larger files are no configuration. */
const SIZE_LIMIT_BYTES = 1 << 20;

const count = z.int().positive();

const adapterConfigSchema = z.object({
  peft_type: z.literal('NEUROADA'),
  schema_version: z.literal(ADAPTER_SCHEMA_VERSION),
  task_type: z.literal('CAUSAL_LM'),
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
  const value = parseJson(await readSmallText(file), file);
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

async function readSmallText(file: string): Promise<string> {
  return explainingErrors(file, async () => {
    const handle = await openRegularFile(file);
    try {
      const { size } = await handle.stat();
      if (size > SIZE_LIMIT_BYTES)
        throw invalidConfig(file, `expected at most ${SIZE_LIMIT_BYTES} bytes, found ${size}`);
      const bytes = new Uint8Array(size);
      await readExactly(handle, bytes, 0, file);
      return new TextDecoder().decode(bytes);
    } finally {
      await handle.close();
    }
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidConfig(file, `expected JSON: ${(error as Error).message}`, undefined, error);
  }
}

function invalidConfig(file: string, problem: string, field?: string, cause?: unknown): ExpectedError {
  const fix = 'Give an adapter that NeuroAda wrote; if it did, the file is damaged.';
  const place = field === undefined || field === '' ? { file } : { file, field };
  return new ExpectedError('adapter/invalidConfig', problem, fix, place, cause);
}
