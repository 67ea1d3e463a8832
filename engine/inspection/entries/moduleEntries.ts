/** The selected connections of one module with their weights and deltas, as numbers to compute with. */
import { widenBF16, widenF16 } from '../../checkpoint/safetensors/floatConversion.ts';
import { allocateFresh, type Allocate } from '../../checkpoint/safetensors/safetensorsReader.ts';
import type { SelectedEntries } from '../../selection/entrySelection.ts';
import type { SelectedModule } from '../../selection/moduleSelection.ts';

export interface ModuleEntries {
  readonly module: string;
  readonly rows: number;
  readonly columns: number;
  /** Number of each participating neuron's first entry, and behind the last one that of all entries [R + 1]. */
  readonly starts: Int32Array;
  /** Participating rows, ascending; null where all do. */
  readonly neurons: Int32Array | null;
  /** Columns of all entries, ascending within each neuron. */
  readonly indices: Int32Array;
  /** W of each entry. */
  readonly weights: Float32Array;
  /** Delta of each entry; null for sources without deltas. */
  readonly deltas: Float32Array | null;
}

/** @param allocate for what is made here; the rest stays where the selection has it */
export function moduleEntries(
  selected: SelectedModule,
  deltas: Float32Array | null,
  allocate: Allocate = allocateFresh,
): ModuleEntries {
  const { module, rows, columns, k, neurons, indices } = selected;
  const count = indices.length / k;
  const starts = new Int32Array(allocate((count + 1) * 4), 0, count + 1);
  for (let neuron = 0; neuron <= count; neuron += 1) starts[neuron] = neuron * k;
  return { module, rows, columns, starts, neurons, indices, weights: widened(selected, allocate), deltas };
}

/** The same of entries that lie anywhere in the matrix; the neurons that have some are those that take part. */
export function scatteredEntries(
  { module, rows, columns, dtype, positions, originals }: SelectedEntries,
  deltas: Float32Array | null,
): ModuleEntries {
  const neurons: number[] = [];
  const starts: number[] = [];
  const indices = new Int32Array(positions.length);
  positions.forEach((position, entry) => {
    const row = Math.floor(position / columns);
    indices[entry] = position - row * columns;
    if (neurons.at(-1) === row) return;
    neurons.push(row);
    starts.push(entry);
  });
  starts.push(positions.length);
  return {
    ...{ module, rows, columns, indices, deltas },
    starts: Int32Array.from(starts),
    neurons: Int32Array.from(neurons),
    weights: widened({ dtype, originals, indices }, allocateFresh),
  };
}

function widened(
  { dtype, originals, indices }: Pick<SelectedModule, 'dtype' | 'originals' | 'indices'>,
  allocate: Allocate,
): Float32Array {
  if (dtype === 'F32') return new Float32Array(originals.buffer, originals.byteOffset, indices.length);
  const weights = new Float32Array(allocate(indices.length * 4), 0, indices.length);
  const bits = new Uint16Array(originals.buffer, originals.byteOffset, indices.length);
  if (dtype === 'F16') widenF16(bits, weights);
  else widenBF16(bits, weights);
  return weights;
}

/** Number of participating neurons. */
export function neuronCount({ starts }: Pick<ModuleEntries, 'starts'>): number {
  return starts.length - 1;
}

/** The place among the participating neurons of the one that an entry belongs to. */
export function neuronOfEntry(starts: Int32Array, entry: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= entry) low = middle;
    else high = middle;
  }
  return low;
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
export function entriesBytes({ starts, neurons, indices, weights, deltas }: ModuleEntries): number {
  return (
    starts.byteLength + (neurons?.byteLength ?? 0) + indices.byteLength + weights.byteLength + (deltas?.byteLength ?? 0)
  );
}
