/** Deltas that sessions read as inputs beside weights that stay frozen. */
import type { EffectiveWeights } from '../model/weights/modelWeights.ts';
import { float32Tensor, type HostTensor } from '../runtime/tensor.ts';
import type { DeltaLayout } from '../training/layouts/deltaLayout.ts';
import { partsOf } from '../training/layouts/trainableLayout.ts';
import { selectionFeeds } from '../training/plans/deltaFeeds.ts';

export class FedDeltas implements EffectiveWeights {
  readonly #layout: DeltaLayout;
  readonly #selections: readonly Readonly<Record<string, HostTensor>>[];
  #values: Float32Array;

  constructor(layout: DeltaLayout) {
    this.#layout = layout;
    this.#selections = layout.layers.map((_, layer) => selectionFeeds(layout, layer));
    this.#values = new Float32Array(layout.size);
  }

  apply(deltas: Float32Array): void {
    this.#values = deltas;
  }

  /** Deltas and selection of a layer, by the names of its graph's inputs. */
  feeds(layer: number): Record<string, HostTensor> {
    const feeds: Record<string, HostTensor> = { ...this.#selections[layer] };
    for (const { input, shape, offset, length } of partsOf(this.#layout, layer)) {
      feeds[input] = float32Tensor(this.#values.subarray(offset, offset + length), shape);
    }
    return feeds;
  }
}
