/**
 * Sparse adapters in PEFT's own formats (PEFT 0.21). Super-Tuning: for each module `m` the flat positions
 * `base_model.model.m.supertuning_indices` int32 [n] and `…supertuning_values` fp32 [n], where n is
 * int(elements (1 - sparsity)) with one sparsity for all modules. SHiRA: `…shira_indices` int32 [2, n], rows and columns,
 * and `…shira_weight` [n].
 */
import { join } from 'node:path';
import { z } from 'zod';
import { openSafetensors, type SafetensorsFile } from '../checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors, type TensorToWrite } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { readFloat32 } from '../checkpoint/safetensors/tensorRead.ts';
import { ExpectedError } from '../errors/expected.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import type { PeftTask } from '../protocol/runs/adapter.ts';
import { ADAPTER_FILES } from '../protocol/runs/runFolder.ts';
import { invalidTensor, requireTensor } from '../selection/selectionTensors.ts';
import type { TargetModule } from '../selection/targetModules.ts';
import { invalidConfig, readAdapterJson } from './jsonFile.ts';

/** Deltas at positions of a module's weight, row after row. */
export interface SparseModule extends TargetModule {
  /** Ascending. */
  readonly positions: Int32Array;
  readonly deltas: Float32Array;
}

/** An open adapter of PEFT; close it. */
export interface OpenPeftSparse {
  readonly method: 'supertuning' | 'shira';
  /** Name or folder of the base, as PEFT has it; may be empty. */
  readonly base: string;
  readonly modules: ReadonlySet<string>;
  /** @throws ExpectedError `selection/invalidTensor` */
  readonly readModule: (target: TargetModule) => Promise<SparseModule>;
  readonly close: () => Promise<void>;
}

const PREFIX = 'base_model.model.';
const NAMES = {
  supertuning: { indices: '.supertuning_indices', values: '.supertuning_values' },
  shira: { indices: '.shira_indices', values: '.shira_weight' },
} as const;
const METHODS = { SUPERTUNING: 'supertuning', SHIRA: 'shira' } as const;

const configSchema = z.object({
  peft_type: z.enum(['SUPERTUNING', 'SHIRA']),
  base_model_name_or_path: z.string().nullish(),
  /** Super-Tuning with low-rank factors beside its entries. */
  r: z.unknown().optional(),
  fan_in_fan_out: z.literal(false).nullish(),
});

/** @throws ExpectedError `adapter/invalidConfig`, `adapter/unsupported`, `selection/invalidTensor`, `files/…` */
export async function openPeftSparse(folder: string): Promise<OpenPeftSparse> {
  const configFile = join(folder, ADAPTER_FILES.config);
  const parsed = configSchema.safeParse(await readAdapterJson(configFile));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalidConfig(configFile, issue?.message ?? 'not a sparse adapter of PEFT', issue?.path.join('.'));
  }
  const { peft_type, base_model_name_or_path, r } = parsed.data;
  const method = METHODS[peft_type];
  if (method === 'supertuning' && r !== null && r !== undefined) throw unsupported(configFile, 'r');
  const file = await openSafetensors(join(folder, ADAPTER_FILES.model));
  try {
    return {
      method,
      base: base_model_name_or_path ?? '',
      modules: modulesOf(file, method),
      readModule: (target) => readModule(file, method, target),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function modulesOf(file: SafetensorsFile, method: OpenPeftSparse['method']): ReadonlySet<string> {
  const { indices, values } = NAMES[method];
  const modules = new Set<string>();
  for (const name of file.tensors.keys()) {
    const suffix = [indices, values].find((candidate) => name.endsWith(candidate));
    if (suffix === undefined || !name.startsWith(PREFIX)) {
      throw invalidTensor(file.path, name, `expected ${PREFIX}…${indices} or ${PREFIX}…${values}`);
    }
    modules.add(name.slice(PREFIX.length, -suffix.length));
  }
  return modules;
}

async function readModule(
  file: SafetensorsFile,
  method: OpenPeftSparse['method'],
  target: TargetModule,
): Promise<SparseModule> {
  const { indices, values } = NAMES[method];
  const name = PREFIX + target.module;
  const value = requireTensor(file, name + values, ['F32', 'F16', 'BF16']);
  const [count = 0] = value.shape;
  const index = file.tensors.get(name + indices);
  if (index === undefined) throw withoutIndices(file.path, name + indices);
  requireTensor(file, index.name, ['I32'], method === 'shira' ? [2, count] : [count]);
  const { buffer } = await file.read(index.name);
  const numbers = new Int32Array(buffer, 0, method === 'shira' ? 2 * count : count);
  const positions = method === 'shira' ? flatPositions(numbers, target, file.path, index.name) : numbers;
  const deltas = await readFloat32({ file, entry: value });
  if (deltas.some((delta) => !Number.isFinite(delta))) {
    throw invalidTensor(file.path, value.name, 'expected finite numbers');
  }
  return { ...target, ...ascending(positions, deltas, target, file.path, index.name) };
}

/** From rows and columns [2, n]. */
function flatPositions(pairs: Int32Array, { columns }: TargetModule, file: string, tensor: string): Int32Array {
  const count = pairs.length / 2;
  return Int32Array.from({ length: count }, (_, entry) => {
    const column = pairs[count + entry] ?? -1;
    if (column < 0 || column >= columns) {
      throw invalidTensor(file, tensor, `expected columns below ${String(columns)}, found ${String(column)}`);
    }
    return (pairs[entry] ?? 0) * columns + column;
  });
}

/** The entries in the order of the matrix; those of value zero, which change nothing, are left out. */
function ascending(
  positions: Int32Array,
  deltas: Float32Array,
  { rows, columns }: TargetModule,
  file: string,
  tensor: string,
): Pick<SparseModule, 'positions' | 'deltas'> {
  const order = Array.from(positions.keys())
    .filter((entry) => deltas[entry] !== 0)
    .sort((a, b) => (positions[a] ?? 0) - (positions[b] ?? 0));
  const sorted = Int32Array.from(order, (entry) => positions[entry] ?? 0);
  sorted.forEach((position, entry) => {
    if (position < 0 || position >= rows * columns || position === sorted[entry - 1]) {
      const expected = `expected different positions below ${String(rows * columns)}`;
      throw invalidTensor(file, tensor, `${expected}, found ${String(position)}`);
    }
  });
  return { positions: sorted, deltas: Float32Array.from(order, (entry) => deltas[entry] ?? 0) };
}

/**
 * Writes a Super-Tuning adapter into `folder`, which exists. PEFT wants the same share of entries of every module, so
 * modules with fewer are filled up with zeros at entries that are not changed.
 *
 * @param base what PEFT shall know the base by
 * @param task what the base is for
 * @returns how many zeros were added
 */
export async function writeSupertuning(
  folder: string,
  base: string,
  task: PeftTask,
  modules: readonly SparseModule[],
): Promise<number> {
  const sparsity = sparsityFor(modules);
  let padding = 0;
  const tensors = modules.flatMap((module): TensorToWrite[] => {
    const count = supertuningCount(module, sparsity);
    padding += count - module.positions.length;
    const { positions, deltas } = padded(module, count);
    const name = PREFIX + module.module;
    return [
      { name: name + NAMES.supertuning.indices, dtype: 'I32', shape: [count], bytes: bytesOf(positions) },
      { name: name + NAMES.supertuning.values, dtype: 'F32', shape: [count], bytes: bytesOf(deltas) },
    ];
  });
  await writeSafetensors(join(folder, ADAPTER_FILES.model), tensors, { format: 'pt' });
  const config = {
    peft_type: 'SUPERTUNING',
    task_type: task,
    base_model_name_or_path: base,
    inference_mode: true,
    target_modules: modules.map(({ module }) => module),
    sparsity,
    select_top: true,
    r: null,
    lora_alpha: null,
    lora_dropout: 0,
    init_weights: true,
    save_precomputed_indices: true,
    modules_to_save: null,
  };
  await writeFileAtomically(join(folder, ADAPTER_FILES.config), `${JSON.stringify(config, null, 2)}\n`);
  return padding;
}

/** The largest sparsity, in the doubles that Python computes with too, that leaves every module room for its entries. */
export function sparsityFor(modules: readonly SparseModule[]): number {
  const density = Math.max(
    ...modules.map(({ rows, columns, positions }) => Math.max(1, positions.length) / (rows * columns)),
  );
  let sparsity = 1 - density;
  while (modules.some((module) => supertuningCount(module, sparsity) < module.positions.length)) {
    sparsity -= Number.EPSILON / 2;
  }
  return Math.max(0, sparsity);
}

/** PEFT's `int(num_params * (1 - sparsity))`. */
function supertuningCount({ rows, columns }: TargetModule, sparsity: number): number {
  return Math.trunc(rows * columns * (1 - sparsity));
}

function padded({ positions, deltas }: SparseModule, count: number): Pick<SparseModule, 'positions' | 'deltas'> {
  const used = new Set(positions);
  const all = new Int32Array(count);
  all.set(positions);
  for (let filled = positions.length, position = 0; filled < count; position += 1) {
    if (used.has(position)) continue;
    all[filled] = position;
    filled += 1;
  }
  const values = new Float32Array(count);
  values.set(deltas);
  return { positions: all, deltas: values };
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function unsupported(file: string, field: string): ExpectedError {
  return new ExpectedError(
    'adapter/unsupported',
    'the adapter has low-rank factors beside its entries, which is not supported here',
    'Merge it with PEFT, and use the merged checkpoint.',
    { file, field },
  );
}

function withoutIndices(file: string, tensor: string): ExpectedError {
  return new ExpectedError(
    'adapter/unsupported',
    'expected the positions of the entries, found none',
    'Save the adapter again from PEFT with save_precomputed_indices=True: which of equal weights PEFT chose cannot be told.',
    { file, tensor },
  );
}
