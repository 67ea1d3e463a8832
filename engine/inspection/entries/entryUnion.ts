/** Two selections of one matrix side by side: every connection that at least one of them has. */
import { neuronCount, type ModuleEntries } from './moduleEntries.ts';

/** @param left entry of the connection in the left selection, -1 where it has none; `right` likewise */
export type UnionVisitor = (row: number, column: number, left: number, right: number) => void;

/** Visits the connections by row, then column. */
export function visitUnion(left: ModuleEntries, right: ModuleEntries, visit: UnionVisitor): void {
  const leftCount = neuronCount(left);
  const rightCount = neuronCount(right);
  let leftNeuron = 0;
  let rightNeuron = 0;
  while (leftNeuron < leftCount || rightNeuron < rightCount) {
    const leftRow = rowOf(left, leftNeuron, leftCount);
    const rightRow = rowOf(right, rightNeuron, rightCount);
    const row = Math.min(leftRow, rightRow);
    let i = leftRow === row ? left.starts[leftNeuron++]! : 0;
    let j = rightRow === row ? right.starts[rightNeuron++]! : 0;
    const leftEnd = leftRow === row ? left.starts[leftNeuron]! : 0;
    const rightEnd = rightRow === row ? right.starts[rightNeuron]! : 0;
    while (i < leftEnd || j < rightEnd) {
      const leftColumn = i < leftEnd ? left.indices[i]! : Infinity;
      const rightColumn = j < rightEnd ? right.indices[j]! : Infinity;
      const column = Math.min(leftColumn, rightColumn);
      visit(row, column, leftColumn === column ? i++ : -1, rightColumn === column ? j++ : -1);
    }
  }
}

function rowOf({ neurons }: ModuleEntries, neuron: number, count: number): number {
  if (neuron >= count) return Infinity;
  return neurons === null ? neuron : neurons[neuron]!;
}

/** The entry's delta; 0 where there is none. */
export function deltaOf({ deltas }: ModuleEntries, entry: number): number {
  return entry < 0 || deltas === null ? 0 : deltas[entry]!;
}
