/** What stands beside a matrix: norms of neurons, hits and norms of inputs, and the orders that they give. */
import type { ColumnOrder, Margins, RowOrder } from '../../protocol/connections/inspection.ts';
import { neuronCount, type ModuleEntries } from '../entries/moduleEntries.ts';

/** Neurons that selected each input [columns]. */
export function columnHits({ indices, columns }: ModuleEntries): Int32Array {
  const hits = new Int32Array(columns);
  for (let i = 0; i < indices.length; i += 1) hits[indices[i]!]! += 1;
  return hits;
}

export function marginsOf(entries: ModuleEntries, rowOrder: RowOrder, columnOrder: ColumnOrder): Margins {
  return {
    rowDeltaNorms: rowDeltaNorms(entries),
    columnHits: new Uint32Array(columnHits(entries).buffer),
    columnDeltaNorms: columnDeltaNorms(entries),
    rowOrder: rowsInOrder(entries, rowOrder),
    columnOrder: columnsInOrder(entries, columnOrder),
  };
}

/** The row at each position; null where that is the position itself. */
export function rowsInOrder(entries: ModuleEntries, order: RowOrder): Uint32Array | null {
  if (order === 'index' || entries.deltas === null) return null;
  return largestFirst(rowDeltaNorms(entries));
}

/** The column at each position; null where that is the position itself. */
export function columnsInOrder(entries: ModuleEntries, order: ColumnOrder): Uint32Array | null {
  if (order === 'hits') return largestFirst(columnHits(entries));
  if (order === 'index' || entries.deltas === null) return null;
  return largestFirst(columnDeltaNorms(entries));
}

function rowDeltaNorms(entries: ModuleEntries): Float32Array {
  const { rows, starts, neurons, deltas } = entries;
  const norms = new Float32Array(rows).fill(NaN);
  if (deltas === null) return norms;
  const count = neuronCount(entries);
  for (let neuron = 0; neuron < count; neuron += 1) {
    let squares = 0;
    const end = starts[neuron + 1]!;
    for (let i = starts[neuron]!; i < end; i += 1) squares += deltas[i]! * deltas[i]!;
    norms[neurons === null ? neuron : neurons[neuron]!] = Math.sqrt(squares);
  }
  return norms;
}

function columnDeltaNorms({ columns, indices, deltas }: ModuleEntries): Float32Array {
  if (deltas === null) return new Float32Array(columns).fill(NaN);
  const squares = new Float64Array(columns);
  for (let i = 0; i < indices.length; i += 1) squares[indices[i]!]! += deltas[i]! * deltas[i]!;
  return Float32Array.from(squares, Math.sqrt);
}

/** Indices by descending value, equal ones by index; NaN comes last. */
function largestFirst(values: Float32Array | Int32Array): Uint32Array {
  const keys = Float64Array.from(values, (value) => (Number.isNaN(value) ? -1 : value));
  const order = Uint32Array.from(keys, (_, index) => index);
  return order.sort((a, b) => keys[b]! - keys[a]! || a - b);
}
