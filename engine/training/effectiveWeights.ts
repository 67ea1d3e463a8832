/** Lets a model's weights carry the deltas of a layout. */
import type { DecoderWeights, DeltaEntries, EffectiveWeights } from '../model/decoderWeights.ts';
import type { DeltaLayout, ProjectionDeltas } from './deltaLayout.ts';

/** The deltas of `layout`, which are zero until they are applied. */
export function effectiveWeights(weights: DecoderWeights, layout: DeltaLayout): EffectiveWeights {
  return weights.carry(
    layout.projections.map((deltas): DeltaEntries => ({
      layer: deltas.layer,
      parameter: deltas.projection,
      positions: entryPositions(deltas),
      offset: deltas.offset,
    })),
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
