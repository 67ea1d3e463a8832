/** Between the flat array of deltas and the graphs: the selection as inputs, and the gradients that come back. */
import type { Scratch } from '../inference/scratch.ts';
import { gradDeltaName } from '../model/layerGraphs.ts';
import { float32Data, float32Tensor, int32Tensor, type HostTensor, type RuntimeTensor } from '../runtime/tensor.ts';
import type { DeltaLayout, ProjectionDeltas } from './deltaLayout.ts';

function projectionsOf(layout: DeltaLayout, layer: number): readonly ProjectionDeltas[] {
  return layout.projections.filter((projection) => projection.layer === layer);
}

/** Columns (and rows, where not all take part) of a layer's selected connections. */
export function selectionFeeds(layout: DeltaLayout, layer: number, prefix = ''): Record<string, HostTensor> {
  const feeds: Record<string, HostTensor> = {};
  for (const { projection, indices, neurons, neuronCount, k } of projectionsOf(layout, layer)) {
    feeds[`${prefix}${projection}.indices`] = int32Tensor(indices, [neuronCount, k]);
    if (neurons !== null) feeds[`${prefix}${projection}.neurons`] = int32Tensor(neurons, [neuronCount]);
  }
  return feeds;
}

/** Buffers that a layer's delta gradients are written into. */
export function gradientFetches(
  layout: DeltaLayout,
  layer: number,
  scratch: Scratch,
  prefix = '',
): Record<string, HostTensor | null> {
  const fetches: Record<string, HostTensor | null> = {};
  for (const { projection, neuronCount, k } of projectionsOf(layout, layer)) {
    const name = prefix + gradDeltaName(projection);
    fetches[name] = float32Tensor(scratch.floats(name, neuronCount * k), [neuronCount, k]);
  }
  return fetches;
}

/** Adds a layer's delta gradients to the flat array. */
export function addGradients(
  layout: DeltaLayout,
  layer: number,
  results: Readonly<Record<string, RuntimeTensor>>,
  gradients: Float32Array,
  prefix = '',
): void {
  for (const { projection, offset } of projectionsOf(layout, layer)) {
    const part = float32Data(results[prefix + gradDeltaName(projection)]);
    for (let i = 0; i < part.length; i++) gradients[offset + i] = (gradients[offset + i] ?? 0) + (part[i] ?? 0);
  }
}
