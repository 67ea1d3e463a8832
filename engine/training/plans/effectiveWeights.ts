/** Lets a model's weights carry the deltas of a layout. */
import type { DeltaEntries, EffectiveWeights, ModelWeights } from '../../model/weights/modelWeights.ts';
import type { ProjectionDeltas, TrainableLayout } from '../layouts/trainableLayout.ts';

/**
 * The deltas of `layout`, which are zero until they are applied. What is trained as a whole, or as factors of a bypass,
 * stands in the weights themselves: see `boundValues`.
 */
export function effectiveWeights(weights: ModelWeights, layout: TrainableLayout): EffectiveWeights {
  return weights.carry(
    layout.parts.flatMap((part): DeltaEntries[] => {
      const { layer, offset } = part;
      if (part.kind === 'selected') {
        return [{ layer, parameter: part.projection, positions: entryPositions(part), offset }];
      }
      if (part.kind !== 'entries') return [];
      return [{ layer, parameter: part.parameter, positions: Uint32Array.from(part.positions), offset }];
    }),
  );
}

/** Position of each selected entry in the projection's weight. */
function entryPositions({ indices, neurons, neuronCount, k, columns }: ProjectionDeltas): Uint32Array {
  const positions = new Uint32Array(indices.length);
  for (let neuron = 0; neuron < neuronCount; neuron++) {
    const row = neurons === null ? neuron : (neurons[neuron] ?? 0);
    for (let j = 0; j < k; j++) positions[neuron * k + j] = row * columns + (indices[neuron * k + j] ?? 0);
  }
  return positions;
}
