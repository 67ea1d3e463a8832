/** The selected connections of one module with their weights and deltas, as numbers to compute with. */
import { widenBF16, widenF16 } from '../checkpoint/floatConversion.ts';
import { allocateFresh, type Allocate } from '../checkpoint/safetensorsReader.ts';
import type { SelectedModule } from '../selection/moduleSelection.ts';

export interface ModuleEntries {
  readonly module: string;
  readonly rows: number;
  readonly columns: number;
  /** Connections of each participating neuron. */
  readonly k: number;
  /** Participating rows, ascending; null where all do. */
  readonly neurons: Int32Array | null;
  /** Columns [R * k], ascending within each neuron. */
  readonly indices: Int32Array;
  /** W of each entry [R * k]. */
  readonly weights: Float32Array;
  /** Delta of each entry [R * k]; null for sources without deltas. */
  readonly deltas: Float32Array | null;
}

/** @param allocate for what is made here; the rest stays where the selection has it */
export function moduleEntries(
  selected: SelectedModule,
  deltas: Float32Array | null,
  allocate: Allocate = allocateFresh,
): ModuleEntries {
  const { module, rows, columns, k, neurons, indices } = selected;
  return { module, rows, columns, k, neurons, indices, weights: widened(selected, allocate), deltas };
}

function widened({ dtype, originals, indices }: SelectedModule, allocate: Allocate): Float32Array {
  if (dtype === 'F32') return new Float32Array(originals.buffer, originals.byteOffset, indices.length);
  const weights = new Float32Array(allocate(indices.length * 4), 0, indices.length);
  const bits = new Uint16Array(originals.buffer, originals.byteOffset, indices.length);
  if (dtype === 'F16') widenF16(bits, weights);
  else widenBF16(bits, weights);
  return weights;
}

/** Number of participating neurons. */
export function neuronCount({ indices, k }: Pick<ModuleEntries, 'indices' | 'k'>): number {
  return indices.length / k;
}

/** The place of a row among the participating neurons; undefined where it takes no part. */
export function neuronOfRow({ neurons }: ModuleEntries, row: number): number | undefined {
  if (neurons === null) return row;
  let low = 0;
  let high = neurons.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (neurons[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return neurons[low] === row ? low : undefined;
}

/** Bytes that the arrays hold, for a cache's account. */
export function entriesBytes({ neurons, indices, weights, deltas }: ModuleEntries): number {
  return (neurons?.byteLength ?? 0) + indices.byteLength + weights.byteLength + (deltas?.byteLength ?? 0);
}
