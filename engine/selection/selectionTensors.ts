/**
 * The tensors that say which connections of a module are selected, as they stand in selection and adapter files: how
 * they are written, and how those of a hostile file are checked.
 */
import { elementSize, type Dtype } from '../checkpoint/safetensors/dtype.ts';
import type { TensorEntry } from '../checkpoint/safetensors/safetensorsHeader.ts';
import { allocateFresh, type Allocate, type SafetensorsFile } from '../checkpoint/safetensors/safetensorsReader.ts';
import type { TensorToWrite } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { ExpectedError } from '../errors/expected.ts';
import { ADAPTER_TENSORS } from '../protocol/runs/adapter.ts';
import type { SelectedModule } from './moduleSelection.ts';
import type { TargetModule } from './targetModules.ts';
import { isWeightDtype } from './weightDtype.ts';

/** From this many columns on an index does not fit U16. */
const U16_COLUMNS = 65536;

/** What a file says about a module; rows and columns are the base's to say. */
export type SelectedEntries = Omit<SelectedModule, 'rows' | 'columns'>;

/** @returns indices, originals and, where only some neurons take part, neurons */
export function selectionTensors(selected: SelectedModule): readonly TensorToWrite[] {
  const { module, k, neurons, indices, originals, dtype, columns } = selected;
  const shape = [indices.length / k, k];
  const isShort = columns <= U16_COLUMNS;
  return [
    {
      name: module + ADAPTER_TENSORS.indices,
      dtype: isShort ? 'U16' : 'I32',
      shape,
      bytes: bytesOf(isShort ? Uint16Array.from(indices) : indices),
    },
    { name: module + ADAPTER_TENSORS.originals, dtype, shape, bytes: originals },
    ...(neurons === null
      ? []
      : [
          {
            name: module + ADAPTER_TENSORS.neurons,
            dtype: 'I32',
            shape: [neurons.length],
            bytes: bytesOf(neurons),
          } as const,
        ]),
  ];
}

/**
 * Names of the modules in the file, in the order of their first tensors.
 * @throws ExpectedError for a tensor whose name ends in none of `suffixes`
 */
export function modulesInFile(file: SafetensorsFile, suffixes: readonly string[]): readonly string[] {
  const modules = new Set<string>();
  for (const name of file.tensors.keys()) {
    const suffix = suffixes.find((candidate) => name.endsWith(candidate) && name.length > candidate.length);
    if (suffix === undefined) {
      throw invalidTensor(file.path, name, `expected a name that ends in ${suffixes.join(', ')}`);
    }
    modules.add(name.slice(0, -suffix.length));
  }
  return [...modules];
}

/**
 * Reads and checks a module's selection, all but what only the base can tell: see `bindToBase`.
 * @throws ExpectedError `selection/invalidTensor`
 */
export async function readSelectedEntries(
  file: SafetensorsFile,
  module: string,
  allocate: Allocate = allocateFresh,
): Promise<SelectedEntries> {
  const entry = requireTensor(file, module + ADAPTER_TENSORS.indices, ['U16', 'I32']);
  const [count, k] = entry.shape;
  if (entry.shape.length !== 2 || count === undefined || k === undefined || count < 1 || k < 1) {
    throw invalidTensor(file.path, entry.name, `expected the shape [neurons, k], found [${entry.shape.join(', ')}]`);
  }
  const original = requireTensor(file, module + ADAPTER_TENSORS.originals, ['F32', 'F16', 'BF16'], entry.shape);
  if (!isWeightDtype(original.dtype)) throw new RangeError(original.dtype);
  const indices = await readIntegers(file, entry, allocate);
  checkAscending(indices, k, file.path, entry.name);
  return {
    module,
    dtype: original.dtype,
    k,
    neurons: await readNeurons(file, module, count),
    indices,
    originals: await file.read(original.name, allocate),
  };
}

async function readNeurons(file: SafetensorsFile, module: string, count: number): Promise<Int32Array | null> {
  const name = module + ADAPTER_TENSORS.neurons;
  if (!file.tensors.has(name)) return null;
  const neurons = await readIntegers(file, requireTensor(file, name, ['I32'], [count]), allocateFresh);
  checkAscending(neurons, count, file.path, name);
  return neurons;
}

/**
 * Gives entries the rows and columns of the base's module.
 * @throws ExpectedError `selection/invalidTensor` where they do not fit into it
 */
export function bindToBase(entries: SelectedEntries, { rows, columns }: TargetModule, file: string): SelectedModule {
  const { module, k, neurons, indices } = entries;
  const count = indices.length / k;
  if (neurons === null ? count !== rows : (neurons.at(-1) ?? 0) >= rows) {
    const found = neurons === null ? `${count} neurons` : `neuron ${String(neurons.at(-1))}`;
    throw invalidTensor(file, module, `expected entries for the base's ${rows} neurons, found ${found}`);
  }
  for (let last = k - 1; last < indices.length; last += k) {
    const column = indices[last]!;
    if (column < columns) continue;
    const problem = `expected columns below the base's ${columns}, found ${column}`;
    throw invalidTensor(file, module + ADAPTER_TENSORS.indices, problem);
  }
  return { ...entries, rows, columns };
}

/** The tensor, its element type and shape checked. */
export function requireTensor(
  file: SafetensorsFile,
  name: string,
  dtypes: readonly Dtype[],
  shape?: readonly number[],
): TensorEntry {
  const entry = file.tensors.get(name);
  if (entry === undefined) throw invalidTensor(file.path, name, 'expected the tensor, found none');
  if (!dtypes.includes(entry.dtype)) {
    throw invalidTensor(file.path, name, `expected ${dtypes.join(' or ')}, found ${entry.dtype}`);
  }
  if (shape !== undefined && !isSameShape(shape, entry.shape)) {
    throw invalidTensor(file.path, name, `expected the shape [${shape.join(', ')}], found [${entry.shape.join(', ')}]`);
  }
  return entry;
}

function isSameShape(first: readonly number[], second: readonly number[]): boolean {
  return first.length === second.length && first.every((size, axis) => size === second[axis]);
}

/** U16 or I32 elements. */
async function readIntegers(
  file: SafetensorsFile,
  { name, dtype }: TensorEntry,
  allocate: Allocate,
): Promise<Int32Array> {
  const { buffer, byteLength } = await file.read(name, allocate);
  if (dtype === 'I32') return new Int32Array(buffer, 0, byteLength / elementSize('I32'));
  const short = new Uint16Array(buffer, 0, byteLength / elementSize('U16'));
  const integers = new Int32Array(allocate(short.length * 4), 0, short.length);
  integers.set(short);
  return integers;
}

/**
 * Each run of `length` numbers starts at 0 or above and rises.
 * @throws ExpectedError `selection/invalidTensor`
 */
export function checkAscending(numbers: Int32Array, length: number, file: string, tensor: string): void {
  for (let start = 0; start < numbers.length; start += length) {
    let previous = -1;
    for (let i = start; i < start + length; i += 1) {
      const number = numbers[i]!;
      if (number <= previous) {
        const after = i === start ? 'a negative number' : `${number} after ${previous}`;
        throw invalidTensor(file, tensor, `expected ascending numbers from 0 on, found ${after} at entry ${i}`);
      }
      previous = number;
    }
  }
}

/** The error for a tensor that is not as the format says. */
export function invalidTensor(file: string, tensor: string, problem: string): ExpectedError {
  const fix = 'The file is damaged or belongs to another base: take another copy of it, or train again.';
  return new ExpectedError('selection/invalidTensor', problem, fix, { file, tensor });
}

function bytesOf(array: Uint16Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
