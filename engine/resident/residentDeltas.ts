/** Deltas and moments in a device's memory, projection by projection; an update makes new tensors, and the old ones can be kept. */
import { selectionFeeds } from '../training/plans/deltaFeeds.ts';
import type { DeltaLayout } from '../training/layouts/deltaLayout.ts';
import type { ProjectionDeltas } from '../training/layouts/trainableLayout.ts';
import type { TrainingState } from '../training/trainingState.ts';
import { float32Tensor, type DeviceTensor } from '../runtime/tensor.ts';
import type { DeviceMemory } from './deviceMemory.ts';

/** One value per projection of a layer, each [neuronCount, k], by the projection's name. */
export type LayerTensors = Readonly<Record<string, DeviceTensor>>;

/** What a layer's optimizer step reads and makes anew. */
export interface LayerState {
  readonly deltas: LayerTensors;
  readonly firstMoments: LayerTensors;
  readonly secondMoments: LayerTensors;
}

export class ResidentDeltas {
  readonly layout: DeltaLayout;
  /** Columns and rows of each layer's selected connections, by the names of its graph's inputs. */
  readonly selections: readonly LayerTensors[];
  readonly #memory: DeviceMemory;
  #layers: LayerState[] = [];

  constructor(memory: DeviceMemory, layout: DeltaLayout, selections: readonly LayerTensors[]) {
    this.#memory = memory;
    this.layout = layout;
    this.selections = selections;
  }

  get layers(): readonly LayerState[] {
    return this.#layers;
  }

  /** Deltas and selection of a layer as feeds of its graphs. */
  feeds(layer: number): Record<string, DeviceTensor> {
    const feeds: Record<string, DeviceTensor> = { ...this.selections[layer] };
    for (const [projection, tensor] of Object.entries(this.#layers[layer]?.deltas ?? {})) {
      feeds[`${projection}.delta`] = tensor;
    }
    return feeds;
  }

  /** Takes newer tensors; whoever gives them disposes of the older ones. */
  replace(layers: readonly LayerState[]): void {
    this.#layers = [...layers];
  }

  async load({ deltas, optimizer }: TrainingState): Promise<void> {
    for (const layer of this.#layers) disposeState(layer);
    this.#layers = [];
    for (let layer = 0; layer < this.layout.layers.length; layer++) {
      this.#layers.push({
        deltas: await this.#uploadLayer(layer, deltas),
        firstMoments: await this.#uploadLayer(layer, optimizer.firstMoment),
        secondMoments: await this.#uploadLayer(layer, optimizer.secondMoment),
      });
    }
  }

  async save({ deltas, optimizer }: TrainingState): Promise<void> {
    for (const { layer, projection, offset } of this.layout.projections) {
      const state = this.#layers[layer];
      const parts = [
        [state?.deltas, deltas],
        [state?.firstMoments, optimizer.firstMoment],
        [state?.secondMoments, optimizer.secondMoment],
      ] as const;
      for (const [tensors, into] of parts) {
        const tensor = tensors?.[projection];
        if (tensor !== undefined) into.set(await this.#memory.download(tensor), offset);
      }
    }
  }

  dispose(): void {
    for (const layer of this.#layers) disposeState(layer);
    for (const selection of this.selections) disposeAll(selection);
  }

  async #uploadLayer(layer: number, flat: Float32Array): Promise<LayerTensors> {
    const tensors: Record<string, DeviceTensor> = {};
    for (const part of projectionsOf(this.layout, layer)) {
      const { projection, offset, neuronCount, k } = part;
      const data = flat.subarray(offset, offset + neuronCount * k);
      tensors[projection] = await this.#memory.upload(float32Tensor(data, [neuronCount, k]));
    }
    return tensors;
  }
}

export async function uploadSelections(memory: DeviceMemory, layout: DeltaLayout): Promise<readonly LayerTensors[]> {
  const selections: LayerTensors[] = [];
  for (let layer = 0; layer < layout.layers.length; layer++) {
    const uploaded: Record<string, DeviceTensor> = {};
    for (const [name, tensor] of Object.entries(selectionFeeds(layout, layer))) {
      uploaded[name] = await memory.upload(tensor);
    }
    selections.push(uploaded);
  }
  return selections;
}

export function projectionsOf(layout: DeltaLayout, layer: number): readonly ProjectionDeltas[] {
  return layout.projections.filter((projection) => projection.layer === layer);
}

export function disposeAll(tensors: LayerTensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

export function disposeState({ deltas, firstMoments, secondMoments }: LayerState): void {
  for (const tensors of [deltas, firstMoments, secondMoments]) disposeAll(tensors);
}
