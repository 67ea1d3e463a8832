/** Statistics of a module's selection, gathered row by row while it is made. */
import type { ModuleStatistics } from '../protocol/runs/selectionStatistics.ts';
import type { MagnitudeRow } from './magnitudeRow.ts';
import type { TargetModule } from './targetModules.ts';

export interface StatisticsGatherer {
  /** Takes in the loaded row and its k selected columns, which stand in `indices` from `offset` on. */
  readonly addRow: (row: MagnitudeRow, indices: Int32Array, offset: number) => void;
  readonly result: () => ModuleStatistics;
}

/** @param k connections of each neuron, at most the module's columns */
export function createStatisticsGatherer({ module, rows, columns }: TargetModule, k: number): StatisticsGatherer {
  const hits = new Int32Array(columns);
  let participating = 0;
  let sum = 0;
  let selectedSum = 0;
  let smallest = Infinity;
  let largest = 0;
  return {
    addRow: (row, indices, offset) => {
      const { magnitudes } = row;
      participating += 1;
      sum += row.sum();
      for (let i = offset; i < offset + k; i += 1) {
        const column = indices[i]!;
        const magnitude = magnitudes[column]!;
        selectedSum += magnitude;
        if (magnitude < smallest) smallest = magnitude;
        if (magnitude > largest) largest = magnitude;
        hits[column]! += 1;
      }
    },
    result: () => ({
      module,
      rows,
      columns,
      participatingNeurons: participating,
      k,
      selected: participating * k,
      meanMagnitude: sum / (participating * columns),
      meanSelectedMagnitude: selectedSum / (participating * k),
      smallestSelectedMagnitude: smallest,
      largestSelectedMagnitude: largest,
      magnitudeShare: sum === 0 ? 0 : Math.min(1, selectedSum / sum),
      inputs: {
        hit: hits.reduce((count, number) => count + (number > 0 ? 1 : 0), 0),
        mostHits: hits.reduce((most, number) => Math.max(most, number), 0),
        concentration: giniCoefficient(hits),
      },
    }),
  };
}

/**
 * Gini coefficient: 2 sum(i x_i) / (n sum x_i) - (n + 1) / n over the numbers in ascending order, i from 1.
 * Zero where all are equal.
 */
export function giniCoefficient(numbers: Int32Array): number {
  const ascending = numbers.toSorted();
  let total = 0;
  let weighted = 0;
  for (let i = 0; i < ascending.length; i += 1) {
    total += ascending[i]!;
    weighted += (i + 1) * ascending[i]!;
  }
  if (total === 0) return 0;
  return (2 * weighted) / (ascending.length * total) - (ascending.length + 1) / ascending.length;
}
