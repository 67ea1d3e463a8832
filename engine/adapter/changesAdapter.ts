/** Adapters that change entries anywhere in parameters, or parameters as a whole: written, and opened tensor by tensor. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ExpectedTensor } from '../checkpoint/config/expectedTensor.ts';
import { openSafetensors, type SafetensorsFile } from '../checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors, type TensorToWrite } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { syncParent } from '../files/durability.ts';
import { explainingErrors } from '../files/systemError.ts';
import { CHANGES_SCHEMA_VERSION, ENTRY_TENSORS, VALUES_TENSOR, type ChangesConfig } from '../protocol/runs/adapter.ts';
import { ADAPTER_FILES } from '../protocol/runs/runFolder.ts';
import { entryTensors, readEntries, type StoredEntries } from '../selection/entryTensors.ts';
import { invalidTensor, modulesInFile, requireTensor } from '../selection/selectionTensors.ts';
import { invalidConfig, readAdapterJson } from './jsonFile.ts';

/** Deltas at some entries of a parameter. */
export interface EntryParameterChange extends StoredEntries {
  readonly kind: 'entries';
  readonly tensor: string;
  readonly deltas: Float32Array;
}

/** Other values of a parameter. */
export interface ValueParameterChange {
  readonly kind: 'values';
  readonly tensor: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export type ParameterChange = EntryParameterChange | ValueParameterChange;

/** An open adapter; close it. */
export interface OpenChanges {
  readonly config: ChangesConfig;
  /** Names of the changed parameters. */
  readonly tensors: ReadonlySet<string>;
  /** @throws ExpectedError `selection/invalidTensor` */
  readonly readChange: (parameter: ExpectedTensor) => Promise<ParameterChange>;
  readonly close: () => Promise<void>;
}

const SUFFIXES = [...Object.values(ENTRY_TENSORS), VALUES_TENSOR];
const count = z.int().positive();

const configSchema = z.object({
  peft_type: z.literal('NEUROADA'),
  schema_version: z.literal(CHANGES_SCHEMA_VERSION),
  method: z.string(),
  task_type: z.enum(['CAUSAL_LM', 'SEQ_CLS']),
  inference_mode: z.literal(true),
  base_model_name_or_path: z.string(),
  base_fingerprint: z.object({ algorithm: z.string().min(1), value: z.string().min(1) }),
  base_model_type: z.string(),
  target_parameters: z.array(z.string()).min(1),
  trainable_parameters: count,
  total_parameters: count,
  neuroada_version: z.string(),
});

/** Writes or replaces the adapter in `folder`; the configuration comes last. */
export async function writeChangesAdapter(
  folder: string,
  config: ChangesConfig,
  changes: Iterable<ParameterChange>,
): Promise<void> {
  await explainingErrors(folder, () => mkdir(folder, { recursive: true }));
  await syncParent(folder);
  const tensors = [...changes].flatMap(tensorsOf);
  await writeSafetensors(join(folder, ADAPTER_FILES.model), tensors, { format: 'pt' });
  await writeFileAtomically(join(folder, ADAPTER_FILES.config), `${JSON.stringify(config, null, 2)}\n`);
}

function tensorsOf(change: ParameterChange): readonly TensorToWrite[] {
  if (change.kind === 'values') {
    const { tensor, shape, values } = change;
    return [{ name: tensor + VALUES_TENSOR, dtype: 'F32', shape, bytes: bytesOf(values) }];
  }
  const { tensor, deltas } = change;
  const written = { name: tensor + ENTRY_TENSORS.deltas, dtype: 'F32', shape: [deltas.length] } as const;
  return [...entryTensors(tensor, change), { ...written, bytes: bytesOf(deltas) }];
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @throws ExpectedError `adapter/invalidConfig`, `files/…` */
export async function readChangesConfig(file: string): Promise<ChangesConfig> {
  const parsed = configSchema.safeParse(await readAdapterJson(file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidConfig(file, issue?.message ?? 'not an adapter configuration', issue?.path.join('.'));
}

/** @throws ExpectedError `adapter/invalidConfig`, `selection/invalidTensor`, `checkpoint/corruptHeader`, `files/…` */
export async function openChangesAdapter(folder: string): Promise<OpenChanges> {
  const config = await readChangesConfig(join(folder, ADAPTER_FILES.config));
  const file = await openSafetensors(join(folder, ADAPTER_FILES.model));
  try {
    const tensors = new Set(modulesInFile(file, SUFFIXES));
    return {
      config,
      tensors,
      readChange: (parameter) => readChange(file, parameter),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readChange(file: SafetensorsFile, { name, shape }: ExpectedTensor): Promise<ParameterChange> {
  if (file.tensors.has(name + VALUES_TENSOR)) {
    const { name: stored } = requireTensor(file, name + VALUES_TENSOR, ['F32'], shape);
    return { kind: 'values', tensor: name, shape, values: await readFinite(file, stored) };
  }
  const size = shape.reduce((total, dimension) => total * dimension, 1);
  const entries = await readEntries(file, name, size);
  const { name: stored } = requireTensor(file, name + ENTRY_TENSORS.deltas, ['F32'], [entries.positions.length]);
  return { kind: 'entries', tensor: name, deltas: await readFinite(file, stored), ...entries };
}

async function readFinite(file: SafetensorsFile, name: string): Promise<Float32Array> {
  const { buffer, byteOffset, byteLength } = await file.read(name);
  const values = new Float32Array(buffer, byteOffset, byteLength / 4);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return values;
  throw invalidTensor(file.path, name, `expected finite numbers, found ${String(values[at])} at entry ${String(at)}`);
}
