/** One input feature: the neurons of a module that selected it. */
import type { InputChoice } from '../../protocol/connections/inspection.ts';
import { neuronOfEntry, type ModuleEntries } from '../entries/moduleEntries.ts';

export function inputChoice(
  { module, starts, neurons, indices, weights, deltas }: ModuleEntries,
  column: number,
): InputChoice {
  const rows: number[] = [];
  const chosen: number[] = [];
  for (let entry = indices.indexOf(column); entry >= 0; entry = indices.indexOf(column, entry + 1)) {
    const neuron = neuronOfEntry(starts, entry);
    rows.push(neurons === null ? neuron : neurons[neuron]!);
    chosen.push(entry);
  }
  return {
    module,
    rows: Uint32Array.from(rows),
    weights: Float32Array.from(chosen, (entry) => weights[entry]!),
    deltas: deltas === null ? null : Float32Array.from(chosen, (entry) => deltas[entry]!),
  };
}
