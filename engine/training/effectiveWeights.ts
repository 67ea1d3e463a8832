/**
 * Keeps the weights that the graphs read equal to W + scatter(delta). Each selected entry is always written from the
 * frozen value, never from the last effective one, so nothing drifts however many steps are taken.
 */
import { parameterOf, type DecoderWeights } from '../model/decoderWeights.ts';
import type { DeltaLayout, ProjectionDeltas } from './deltaLayout.ts';

export interface EffectiveWeights {
  /** Writes W + delta into every selected entry. */
  apply(deltas: Float32Array): void;
}

/** Remembers the frozen values of all selected entries of `weights`, which must not carry deltas yet. */
export function effectiveWeights(weights: DecoderWeights, layout: DeltaLayout): EffectiveWeights {
  const parts = layout.projections.map((projection) => {
    const { data } = parameterOf(weights, projection.layer, projection.projection);
    const positions = entryPositions(projection);
    return { data, positions, offset: projection.offset, frozen: Float32Array.from(positions, (at) => data[at] ?? 0) };
  });
  return {
    apply(deltas) {
      for (const { data, positions, offset, frozen } of parts) {
        for (let i = 0; i < positions.length; i++)
          data[positions[i] ?? 0] = (frozen[i] ?? 0) + (deltas[offset + i] ?? 0);
      }
    },
  };
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
