/** Between the flat array of values and the graphs: what a selection is as inputs, and the gradients that come back. */
import type { Scratch } from '../../inference/scratch.ts';
import { gradientName, TRAINING_INPUTS } from '../../model/layerTraining.ts';
import { float32Data, float32Tensor, int32Tensor, type HostTensor, type RuntimeTensor } from '../../runtime/tensor.ts';
import { partsOf, type TrainableLayout } from '../layouts/trainableLayout.ts';

/** Where a layer's selected connections or entries are. */
export function selectionFeeds(layout: TrainableLayout, layer: number, prefix = ''): Record<string, HostTensor> {
  const feeds: Record<string, HostTensor> = {};
  for (const part of partsOf(layout, layer)) {
    if (part.kind === 'selected') {
      const { projection, indices, neurons, neuronCount, k } = part;
      feeds[prefix + TRAINING_INPUTS.indices(projection)] = int32Tensor(indices, [neuronCount, k]);
      if (neurons !== null) feeds[prefix + TRAINING_INPUTS.neurons(projection)] = int32Tensor(neurons, [neuronCount]);
    } else if (part.kind === 'entries') {
      feeds[prefix + TRAINING_INPUTS.positions(part.parameter)] = int32Tensor(part.positions, [part.length]);
    }
  }
  return feeds;
}

/**
 * Buffers that a layer's gradients are written into.
 *
 * @param gradients the flat array where it holds zeros: gradients of whole parameters go there without a buffer between
 */
export function gradientFetches(
  layout: TrainableLayout,
  layer: number,
  scratch: Scratch,
  prefix: string,
  gradients: Float32Array | undefined,
): Record<string, HostTensor | null> {
  const fetches: Record<string, HostTensor | null> = {};
  for (const { kind, input, shape, offset, length } of partsOf(layout, layer)) {
    const name = prefix + gradientName(input);
    const isDirect = kind === 'dense' && gradients !== undefined;
    const buffer = isDirect ? gradients.subarray(offset, offset + length) : scratch.floats(name, length);
    fetches[name] = float32Tensor(buffer, shape);
  }
  return fetches;
}

/** Adds a layer's gradients to the flat array, where masked only those of entries that are trained. */
export function addGradients(
  layout: TrainableLayout,
  layer: number,
  results: Readonly<Record<string, RuntimeTensor>>,
  gradients: Float32Array,
  prefix = '',
): void {
  for (const part of partsOf(layout, layer)) {
    const computed = float32Data(results[prefix + gradientName(part.input)]);
    const mask = part.kind === 'dense' ? part.mask : null;
    if (computed.buffer === gradients.buffer) keepMasked(computed, mask);
    else if (mask !== null) addMasked(gradients, part.offset, computed, mask);
    else addPlain(gradients, part.offset, computed);
  }
}

function addPlain(gradients: Float32Array, offset: number, part: Float32Array): void {
  for (let i = 0; i < part.length; i++) gradients[offset + i] = (gradients[offset + i] ?? 0) + (part[i] ?? 0);
}

/** Gradients that stand in the flat array already. */
function keepMasked(part: Float32Array, mask: Uint8Array | null): void {
  if (mask === null) return;
  for (let i = 0; i < part.length; i++) if (mask[i] === 0) part[i] = 0;
}

function addMasked(gradients: Float32Array, offset: number, part: Float32Array, mask: Uint8Array): void {
  for (let i = 0; i < part.length; i++) {
    if (mask[i] === 1) gradients[offset + i] = (gradients[offset + i] ?? 0) + (part[i] ?? 0);
  }
}
