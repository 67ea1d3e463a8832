/** The adapter as a folder: written, opened module by module or read at once, everything in it checked. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelConfig } from '../checkpoint/config/modelConfig.ts';
import { openSafetensors, type Allocate, type SafetensorsFile } from '../checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors, type TensorToWrite } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { ExpectedError } from '../errors/expected.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { syncParent } from '../files/durability.ts';
import { explainingErrors } from '../files/systemError.ts';
import { ADAPTER_TENSORS, type AdapterConfig } from '../protocol/runs/adapter.ts';
import { ADAPTER_FILES } from '../protocol/runs/runFolder.ts';
import type { SelectedModule } from '../selection/moduleSelection.ts';
import {
  bindToBase,
  invalidTensor,
  modulesInFile,
  readSelectedEntries,
  requireTensor,
  selectionTensors,
} from '../selection/selectionTensors.ts';
import { linearModules, type TargetModule } from '../selection/targetModules.ts';
import { readAdapterConfig } from './adapterConfig.ts';

/** A module's selection with its trained deltas [R * k]. */
export interface AdapterModule extends SelectedModule {
  readonly deltas: Float32Array;
}

/** An open adapter; close it. */
export interface OpenAdapter {
  readonly folder: string;
  readonly config: AdapterConfig;
  /** Names of the adapted modules. */
  readonly modules: ReadonlySet<string>;
  /**
   * Reads and checks one module's tensors.
   * @param target the module in the base
   * @param allocate where the arrays are to lie; in memory of their own, if not given
   * @throws ExpectedError `selection/invalidTensor`
   */
  readonly readModule: (target: TargetModule, allocate?: Allocate) => Promise<AdapterModule>;
  readonly close: () => Promise<void>;
}

const SUFFIXES = Object.values(ADAPTER_TENSORS);

/**
 * Writes or replaces the adapter in `folder`. Each file appears as a whole, and the configuration comes last: it tells
 * that the tensors are there.
 */
export async function writeAdapter(
  folder: string,
  config: AdapterConfig,
  modules: readonly AdapterModule[],
): Promise<void> {
  await explainingErrors(folder, () => mkdir(folder, { recursive: true }));
  await syncParent(folder);
  const tensors = modules.flatMap((module) => [...selectionTensors(module), deltaTensor(module)]);
  await writeSafetensors(join(folder, ADAPTER_FILES.model), tensors, { format: 'pt' });
  await writeFileAtomically(join(folder, ADAPTER_FILES.config), `${JSON.stringify(config, null, 2)}\n`);
}

function deltaTensor({ module, deltas, k }: AdapterModule): TensorToWrite {
  return {
    name: module + ADAPTER_TENSORS.deltas,
    dtype: 'F32',
    shape: [deltas.length / k, k],
    bytes: new Uint8Array(deltas.buffer, deltas.byteOffset, deltas.byteLength),
  };
}

/**
 * Opens an adapter and checks its configuration and the names of its tensors.
 * @throws ExpectedError `adapter/…`, `selection/invalidTensor`, `checkpoint/corruptHeader`, `files/…`
 */
export async function openAdapter(folder: string): Promise<OpenAdapter> {
  const config = await readAdapterConfig(join(folder, ADAPTER_FILES.config));
  const file = await openSafetensors(join(folder, ADAPTER_FILES.model));
  try {
    const modules = new Set(modulesInFile(file, SUFFIXES));
    checkCount(file, modules, config);
    return {
      folder,
      config,
      modules,
      readModule: (target, allocate) => readModule(file, target, allocate),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Reads the whole adapter, in the order of the base's modules.
 * @param base configuration of the base that it adapts
 */
export async function readAdapter(
  folder: string,
  base: ModelConfig,
): Promise<{ readonly config: AdapterConfig; readonly modules: readonly AdapterModule[] }> {
  const adapter = await openAdapter(folder);
  try {
    const modules: AdapterModule[] = [];
    for (const target of adaptedModules(adapter, base)) modules.push(await adapter.readModule(target));
    return { config: adapter.config, modules };
  } finally {
    await adapter.close();
  }
}

/**
 * The base's modules that the adapter adapts, in the base's order.
 * @throws ExpectedError `adapter/otherArchitecture` where it adapts one that the base does not have
 */
export function adaptedModules({ folder, modules }: OpenAdapter, base: ModelConfig): readonly TargetModule[] {
  const available = linearModules(base);
  const names = new Set(available.map(({ module }) => module));
  const unknown = [...modules].find((module) => !names.has(module));
  if (unknown !== undefined) {
    throw new ExpectedError(
      'adapter/otherArchitecture',
      `the adapter adapts ${unknown}, which the base does not have`,
      'Take the base checkpoint that the adapter was trained on.',
      { file: join(folder, ADAPTER_FILES.model), tensor: unknown },
    );
  }
  return available.filter(({ module }) => modules.has(module));
}

async function readModule(file: SafetensorsFile, target: TargetModule, allocate?: Allocate): Promise<AdapterModule> {
  const selected = bindToBase(await readSelectedEntries(file, target.module, allocate), target, file.path);
  const { k, indices } = selected;
  return { ...selected, deltas: await readDeltas(file, target.module, [indices.length / k, k], allocate) };
}

/**
 * The trained deltas of a module, all finite.
 * @throws ExpectedError `selection/invalidTensor`
 */
export async function readDeltas(
  file: SafetensorsFile,
  module: string,
  shape: readonly number[],
  allocate?: Allocate,
): Promise<Float32Array> {
  const { name } = requireTensor(file, module + ADAPTER_TENSORS.deltas, ['F32'], shape);
  const deltas = new Float32Array(
    (await file.read(name, allocate)).buffer,
    0,
    shape.reduce((total, size) => total * size, 1),
  );
  if (isAllFinite(deltas)) return deltas;
  const position = deltas.findIndex((delta) => !Number.isFinite(delta));
  throw invalidTensor(file.path, name, `expected finite deltas, found ${deltas[position]!} at entry ${position}`);
}

/** Zero times what is finite is zero, and NaN times anything else. */
function isAllFinite(numbers: Float32Array): boolean {
  let zero = 0;
  for (let i = 0; i < numbers.length; i += 1) zero += numbers[i]! * 0;
  return zero === 0;
}

/** The configuration's count of deltas is that of the file. */
function checkCount(file: SafetensorsFile, modules: ReadonlySet<string>, config: AdapterConfig): void {
  let count = 0;
  for (const module of modules) count += requireTensor(file, module + ADAPTER_TENSORS.deltas, ['F32']).byteLength / 4;
  if (count === config.trainable_parameters) return;
  throw new ExpectedError(
    'adapter/invalidConfig',
    `expected ${config.trainable_parameters} deltas by ${ADAPTER_FILES.config}, found ${count}`,
    'The two files of the folder do not belong together: take another copy of the adapter.',
    { file: file.path },
  );
}
