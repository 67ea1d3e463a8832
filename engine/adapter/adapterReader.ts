/** Reads and checks an adapter folder: nothing of a file is believed before it is compared with the rest. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { elementSize } from '../checkpoint/dtype.ts';
import type { TensorEntry } from '../checkpoint/safetensorsHeader.ts';
import { openSafetensors, type SafetensorsFile } from '../checkpoint/safetensorsReader.ts';
import { ExpectedError } from '../errors/expected.ts';
import { explainingErrors } from '../files/systemError.ts';
import { ADAPTER_SCHEMA_VERSION, ADAPTER_TENSORS, type AdapterConfig } from '../protocol/adapter.ts';
import { ADAPTER_FILES } from '../protocol/runFolder.ts';
import { baseDtype, type Adapter, type AdapterModule } from './adapter.ts';
import { checkIndices, checkNeurons } from './connectionCheck.ts';

const configSchema = z.looseObject({
  peft_type: z.literal('NEUROADA'),
  schema_version: z.literal(ADAPTER_SCHEMA_VERSION),
  task_type: z.literal('CAUSAL_LM'),
  inference_mode: z.literal(true),
  base_model_name_or_path: z.string().min(1),
  base_fingerprint: z.object({ algorithm: z.string(), value: z.string() }),
  base_model_type: z.string(),
  target_modules: z.array(z.string().min(1)).min(1),
  strategy: z.string(),
  k: z.int().positive(),
  neuron_share: z.number().gt(0).lte(1),
  trainable_parameters: z.int().positive(),
  total_parameters: z.int().positive(),
  neuroada_version: z.string(),
  module_shapes: z.record(z.string(), z.tuple([z.int().positive(), z.int().positive()])),
});

/** @throws ExpectedError `adapter/…` naming the file and the tensor or field */
export async function readAdapter(folder: string): Promise<Adapter> {
  const config = await readConfig(join(folder, ADAPTER_FILES.config));
  const file = await openSafetensors(join(folder, ADAPTER_FILES.model));
  try {
    const modules: AdapterModule[] = [];
    for (const module of config.target_modules) modules.push(await readModule(file, module, config));
    const found = modules.reduce((total, { deltas }) => total + deltas.length, 0);
    if (found !== config.trainable_parameters) {
      throw damaged(file.path, `expected ${String(config.trainable_parameters)} deltas by ${ADAPTER_FILES.config}, found ${String(found)}`);
    }
    return { config, modules };
  } finally {
    await file.close();
  }
}

async function readConfig(file: string): Promise<AdapterConfig> {
  const text = await explainingErrors(file, () => readFile(file, 'utf8'));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(file, `expected JSON: ${(error as Error).message}`);
  }
  const result = configSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new ExpectedError(
    'adapter/invalidConfig',
    `expected the configuration of a NeuroAda adapter of schema version ${String(ADAPTER_SCHEMA_VERSION)}: ${issue?.message ?? ''}`,
    'Give an adapter that this version of NeuroAda wrote, or update NeuroAda.',
    { file, ...(field === '' ? {} : { field }) },
  );
}

async function readModule(file: SafetensorsFile, module: string, config: AdapterConfig): Promise<AdapterModule> {
  const [rows, columns] = config.module_shapes[module] ?? missingShape(file.path, module);
  const indicesEntry = entryOf(file, module + ADAPTER_TENSORS.indices);
  const [neuronCount = 0, k = 0] = indicesEntry.shape;
  if (indicesEntry.shape.length !== 2 || !['U16', 'I32'].includes(indicesEntry.dtype) || neuronCount > rows || k < 1 || k > columns) {
    throw damaged(file.path, `expected U16 or I32 columns for at most ${String(rows)} neurons`, indicesEntry.name);
  }
  const originalsEntry = entryOf(file, module + ADAPTER_TENSORS.originals);
  const dtype = baseDtype(originalsEntry.dtype);
  if (dtype === undefined) throw damaged(file.path, `expected F32, F16 or BF16, found ${originalsEntry.dtype}`, originalsEntry.name);
  const deltasEntry = entryOf(file, module + ADAPTER_TENSORS.deltas);
  if (deltasEntry.dtype !== 'F32') throw damaged(file.path, `expected F32, found ${deltasEntry.dtype}`, deltasEntry.name);
  for (const entry of [originalsEntry, deltasEntry]) checkShape(file.path, entry, [neuronCount, k]);
  const neurons = await readNeurons(file, module, neuronCount, rows);
  const indices = toInt32(await file.read(indicesEntry.name), indicesEntry.dtype);
  checkIndices(indices, k, columns, () => damagedOf(file.path, indicesEntry.name));
  const deltas = new Float32Array((await file.read(deltasEntry.name)).buffer);
  if (!deltas.every(Number.isFinite)) throw damaged(file.path, 'expected finite deltas', deltasEntry.name);
  return { selection: { module, rows, columns, k, neurons, indices }, deltas, originals: await file.read(originalsEntry.name), dtype };
}

async function readNeurons(file: SafetensorsFile, module: string, neuronCount: number, rows: number): Promise<Int32Array | null> {
  const name = module + ADAPTER_TENSORS.neurons;
  const entry = file.tensors.get(name);
  if (entry === undefined) {
    if (neuronCount === rows) return null;
    throw damaged(file.path, `expected ${String(rows)} neurons, or ${name}; found ${String(neuronCount)}`, module + ADAPTER_TENSORS.indices);
  }
  if (entry.dtype !== 'I32') throw damaged(file.path, `expected I32, found ${entry.dtype}`, name);
  checkShape(file.path, entry, [neuronCount]);
  const neurons = toInt32(await file.read(name), 'I32');
  checkNeurons(neurons, rows, () => damagedOf(file.path, name));
  return neurons;
}

function toInt32(bytes: Uint8Array<ArrayBuffer>, dtype: string): Int32Array {
  return dtype === 'U16' ? Int32Array.from(new Uint16Array(bytes.buffer, 0, bytes.byteLength / elementSize('U16'))) : new Int32Array(bytes.buffer);
}

function entryOf(file: SafetensorsFile, name: string): TensorEntry {
  const entry = file.tensors.get(name);
  if (entry === undefined) throw damaged(file.path, 'expected the tensor, found none', name);
  return entry;
}

function checkShape(file: string, { name, shape }: TensorEntry, expected: readonly number[]): void {
  if (shape.join() !== expected.join()) {
    throw damaged(file, `expected the shape [${expected.join(', ')}], found [${shape.join(', ')}]`, name);
  }
}

function missingShape(file: string, module: string): never {
  throw damaged(file, `expected the shape of ${module} in module_shapes of ${ADAPTER_FILES.config}`);
}

function damagedOf(file: string, tensor: string): ExpectedError {
  return damaged(file, 'expected distinct numbers in ascending order, each within the module', tensor);
}

function damaged(file: string, problem: string, tensor?: string): ExpectedError {
  const place = tensor === undefined ? { file } : { file, tensor };
  return new ExpectedError('adapter/damaged', problem, 'Write the adapter again from its run, or fetch it again.', place);
}
