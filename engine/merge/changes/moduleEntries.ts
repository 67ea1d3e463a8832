/** The entries of one weight matrix that adapters change, in the order in which they lie in the file. */
import type { AdapterModule } from '../../adapter/adapter.ts';
import { allocateFresh, type Allocate } from '../../checkpoint/safetensors/safetensorsReader.ts';
import { FLOAT_ACCESS, type FloatBits } from '../bits/floatAccess.ts';
import type { WeightDtype } from '../../selection/weightDtype.ts';

export interface ModuleEntries {
  /** Element type of the originals. */
  readonly dtype: WeightDtype;
  /** Positions in the matrix, row after row; ascending. */
  readonly elements: Float64Array;
  readonly deltas: Float32Array;
  /** The base's bits at these elements. */
  readonly originals: FloatBits;
  /** Entries whose originals differ between adapters: these cannot have one base. */
  readonly conflicts: number;
}

/** The entries of one adapter, over its own arrays. */
export function entriesOf(module: AdapterModule, allocate: Allocate = allocateFresh): ModuleEntries {
  const { dtype, columns, k, neurons, indices, deltas, originals } = module;
  const elements = new Float64Array(allocate(indices.length * 8), 0, indices.length);
  for (let neuron = 0, entry = 0; entry < indices.length; neuron += 1) {
    const firstElement = (neurons === null ? neuron : neurons[neuron]!) * columns;
    for (const end = entry + k; entry < end; entry += 1) elements[entry] = firstElement + indices[entry]!;
  }
  return { dtype, elements, deltas, originals: FLOAT_ACCESS[dtype].viewBits(originals), conflicts: 0 };
}

/** The entries of both; where both have one its deltas are added in F32. */
export function joinEntries(first: ModuleEntries, second: ModuleEntries): ModuleEntries {
  const limit = first.elements.length + second.elements.length;
  const elements = new Float64Array(limit);
  const deltas = new Float32Array(limit);
  const originals = new Int32Array(limit);
  let conflicts = first.conflicts + second.conflicts;
  let count = 0;
  for (let a = 0, b = 0; a < first.elements.length || b < second.elements.length; count += 1) {
    const elementA = first.elements[a] ?? Infinity;
    const elementB = second.elements[b] ?? Infinity;
    const isInA = elementA <= elementB;
    const isInB = elementB <= elementA;
    elements[count] = Math.min(elementA, elementB);
    deltas[count] = (isInA ? first.deltas[a]! : 0) + (isInB ? second.deltas[b]! : 0);
    originals[count] = isInA ? first.originals[a]! : second.originals[b]!;
    if (isInA && isInB && first.originals[a] !== second.originals[b]) conflicts += 1;
    if (isInA) a += 1;
    if (isInB) b += 1;
  }
  return {
    dtype: first.dtype,
    elements: elements.subarray(0, count),
    deltas: deltas.subarray(0, count),
    originals: originals.subarray(0, count),
    conflicts,
  };
}
