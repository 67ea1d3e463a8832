/**
 * A decoder's parameters kept as they are in the checkpoint, in memory or in its files. Just before a layer is computed
 * with, its parameters are widened into arrays that all layers share, and deltas are added there, so that every layer is
 * made from the frozen bits each time.
 */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { DecoderConfig } from '../../checkpoint/config/decoderConfig.ts';
import { expectedTensors, requireDecoder } from '../../checkpoint/config/modelConfig.ts';
import { elementsOf } from '../../checkpoint/safetensors/tensorRead.ts';
import type { DecoderWeights } from './decoderWeights.ts';
import type { DeltaEntries, EffectiveWeights, LayerWeights, Parameter } from './modelWeights.ts';
import { allParameters } from '../parameters/modelParameters.ts';
import { EMBEDDING, FINAL_NORM, OUTPUT_EMBEDDING } from '../parameters/parameters.ts';
import type { LayerParameter } from '../parameters/stackedModules.ts';
import { loadLayers, residentLayers } from './residentLayers.ts';
import { storedTable } from './storedTable.ts';
import {
  dtypeOf,
  storedInFiles,
  storedInMemory,
  wholeTensor,
  widenBytes,
  type StoredTensors,
  type TensorPart,
} from './storedTensors.ts';

/**
 * The parameters in memory, each as wide as in the checkpoint.
 *
 * @param wideCount layers, from the first on, that are kept as float32 instead, so that none of them is ever widened again
 */
export async function loadStoredWeights(checkpoint: Checkpoint, wideCount = 0): Promise<DecoderWeights> {
  const config = requireDecoder(checkpoint.config, checkpoint.folder, 'this computation');
  const layers = Array.from({ length: config.layerCount }, (_, layer) => tensorsOf(allParameters(config, layer)));
  const names = [...layers.slice(wideCount).flat(), ...tensorsBesideLayers(config)];
  const stored = await storedWeights(checkpoint, await storedInMemory(checkpoint, names));
  if (wideCount === 0) return stored;
  const wide = residentLayers(await loadLayers(checkpoint, undefined, wideCount));
  return {
    ...stored,
    layer: (layer, upcoming) => (layer < wideCount ? wide : stored).layer(layer, upcoming),
    carry(entries) {
      const parts = [
        wide.carry(entries.filter((entry) => entry.layer < wideCount)),
        stored.carry(entries.filter((entry) => entry.layer >= wideCount)),
      ];
      return {
        apply: (deltas) => {
          for (const part of parts) part.apply(deltas);
        },
      };
    },
  };
}

/** The parameters in the checkpoint's files, which must stay open until the weights are released. */
export function streamWeights(checkpoint: Checkpoint): Promise<DecoderWeights> {
  return storedWeights(checkpoint, storedInFiles(checkpoint));
}

/** Bytes of a checkpoint's parameters, as they are in its files and as float32. */
export interface WeightSizes {
  readonly stored: number;
  readonly float32: number;
  /** The same of the largest layer. */
  readonly layer: { readonly stored: number; readonly float32: number };
}

export function weightSizes(checkpoint: Checkpoint): WeightSizes {
  const { config, parameterCount } = checkpoint;
  const bytesOf = (names: readonly string[]): number =>
    names.reduce((total, name) => total + checkpoint.tensor(name).entry.byteLength, 0);
  const layers = Array.from({ length: config.layerCount }, (_, layer) => allParameters(config, layer));
  const largest = layers.reduce((a, b) => (elementsIn(a) >= elementsIn(b) ? a : b), []);
  return {
    stored: bytesOf(expectedTensors(config).map(({ name }) => name)),
    float32: parameterCount * 4,
    layer: { stored: bytesOf(tensorsOf(largest)), float32: elementsIn(largest) * 4 },
  };
}

function elementsIn(parameters: readonly LayerParameter[]): number {
  return parameters.reduce((total, { shape }) => total + elementsOf(shape), 0);
}

async function storedWeights(checkpoint: Checkpoint, store: StoredTensors): Promise<DecoderWeights> {
  const config = requireDecoder(checkpoint.config, checkpoint.folder, 'this computation');
  const embedding = storedTable(checkpoint, store, EMBEDDING);
  const layers = new StoredLayers(checkpoint, store);
  return {
    config,
    embedding,
    outputEmbedding: config.tiedEmbeddings ? embedding : storedTable(checkpoint, store, OUTPUT_EMBEDDING),
    finalNorm: await checkpoint.readFloat32(FINAL_NORM),
    layer: (layer, upcoming) => layers.layer(layer, upcoming),
    carry: (entries) => layers.carry(entries),
    release: () => store.release(),
  };
}

/** Deltas that some entries carry. */
interface Overlay {
  readonly entries: readonly DeltaEntries[];
  deltas: Float32Array | undefined;
}

class StoredLayers {
  readonly #checkpoint: Checkpoint;
  readonly #store: StoredTensors;
  readonly #overlays: Overlay[] = [];
  /** What all layers are widened into. */
  readonly #parameters: LayerWeights;
  /** The layer that was widened last, unless deltas have changed since. */
  #held: number | undefined;

  constructor(checkpoint: Checkpoint, store: StoredTensors) {
    this.#checkpoint = checkpoint;
    this.#store = store;
    this.#parameters = new Map(
      allParameters(checkpoint.config, 0).map(({ name, shape }): [string, Parameter] => [
        name,
        { shape, data: new Float32Array(elementsOf(shape)) },
      ]),
    );
  }

  async layer(layer: number, upcoming?: number): Promise<LayerWeights> {
    if (this.#held !== layer) {
      this.#held = undefined;
      await this.#widen(layer);
      for (const overlay of this.#overlays) this.#add(overlay, layer);
      this.#held = layer;
    }
    if (upcoming !== undefined && upcoming !== layer) this.#store.prefetch('layer', this.#parts(upcoming));
    return this.#parameters;
  }

  carry(entries: readonly DeltaEntries[]): EffectiveWeights {
    const overlay: Overlay = { entries, deltas: undefined };
    this.#overlays.push(overlay);
    return {
      apply: (deltas) => {
        overlay.deltas = deltas;
        this.#held = undefined;
      },
    };
  }

  #parts(layer: number): readonly TensorPart[] {
    return tensorsOf(allParameters(this.#checkpoint.config, layer)).map((name) => wholeTensor(this.#checkpoint, name));
  }

  async #widen(layer: number): Promise<void> {
    const bytes = await this.#store.read('layer', this.#parts(layer));
    let part = 0;
    for (const { name, shape, sources } of allParameters(this.#checkpoint.config, layer)) {
      const columns = shape[1] ?? 1;
      const data = this.#data(name);
      for (const { tensor, firstRow, rows } of sources) {
        const target = data.subarray(firstRow * columns, (firstRow + rows) * columns);
        widenBytes(dtypeOf(this.#checkpoint, tensor), bytes[part] as Uint8Array, target);
        part += 1;
      }
    }
  }

  #add({ entries, deltas }: Overlay, layer: number): void {
    if (deltas === undefined) return;
    for (const { parameter, positions, offset } of entries.filter((part) => part.layer === layer)) {
      const data = this.#data(parameter);
      for (let i = 0; i < positions.length; i++) {
        const at = positions[i] ?? 0;
        data[at] = (data[at] ?? 0) + (deltas[offset + i] ?? 0);
      }
    }
  }

  #data(parameter: string): Float32Array {
    const found = this.#parameters.get(parameter);
    if (found === undefined) throw new Error(`a layer has no parameter ${parameter}`);
    return found.data;
  }
}

function tensorsBesideLayers({ tiedEmbeddings }: DecoderConfig): readonly string[] {
  return tiedEmbeddings ? [EMBEDDING] : [EMBEDDING, OUTPUT_EMBEDDING];
}

/** Names of the tensors that parameters are made of, in their order. */
function tensorsOf(parameters: readonly LayerParameter[]): readonly string[] {
  return parameters.flatMap(({ sources }) => sources.map(({ tensor }) => tensor));
}
