/** One neuron: its selected connections, their ranks, and the distribution of its whole row. */
import type { Link, NeuronDetails, RowDistribution } from '../../protocol/connections/inspection.ts';
import { equalBins } from './histogram.ts';
import { neuronOfRow, type ModuleEntries } from '../entries/moduleEntries.ts';

/** @param weights the neuron's whole row of the base; null where it cannot be read */
export function neuronDetails(
  entries: ModuleEntries,
  row: number,
  weights: Float32Array | null,
  bins: number,
  feeds: readonly Link[],
): NeuronDetails {
  const neuron = neuronOfRow(entries, row);
  const { starts } = entries;
  const [from, to] = neuron === undefined ? [0, 0] : [starts[neuron], starts[neuron + 1]];
  const columns = Uint32Array.from(entries.indices.subarray(from, to));
  const selected = entries.weights.slice(from, to);
  const deltas = entries.deltas?.slice(from, to) ?? null;
  return {
    columns,
    weights: selected,
    deltas,
    sums: deltas === null ? null : deltas.map((delta, i) => selected[i]! + delta),
    ranks: weights === null ? ranksOf(selected) : Uint32Array.from(columns, rankIn(ranksOf(weights))),
    row: weights === null ? null : distribution(weights, columns, bins),
    feeds,
  };
}

/** The place of each weight by magnitude from 1, of equal ones the first one first. */
function ranksOf(weights: Float32Array): Uint32Array {
  const magnitudes = weights.map(Math.abs);
  const order = Uint32Array.from(weights, (_, index) => index);
  order.sort((a, b) => magnitudes[b]! - magnitudes[a]! || a - b);
  const ranks = new Uint32Array(weights.length);
  for (const [place, index] of order.entries()) ranks[index] = place + 1;
  return ranks;
}

function rankIn(ranks: Uint32Array): (column: number) => number {
  return (column) => ranks[column]!;
}

function distribution(weights: Float32Array, selected: Uint32Array, binCount: number): RowDistribution {
  let minimum = Infinity;
  let maximum = -Infinity;
  let sum = 0;
  for (const weight of weights) {
    minimum = Math.min(minimum, weight);
    maximum = Math.max(maximum, weight);
    sum += Math.abs(weight);
  }
  const bins = equalBins(minimum, maximum, binCount);
  const counts = new Uint32Array(binCount);
  const selectedCounts = new Uint32Array(binCount);
  for (const weight of weights) counts[bins.binOf(weight)]! += 1;
  for (const column of selected) selectedCounts[bins.binOf(weights[column]!)]! += 1;
  return { meanMagnitude: sum / weights.length, edges: bins.edges, counts, selectedCounts };
}
