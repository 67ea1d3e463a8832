/** Layers of a model in memory as float32: every parameter is there at any time, and edits in place are seen by all. */
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { allParameters } from './modelParameters.ts';
import type { DeltaEntries, EffectiveWeights, LayerWeights, ModelWeights, Parameter } from './modelWeights.ts';
import type { LayerParameter } from './stackedModules.ts';

/** What layers in memory offer. */
export type ResidentLayers = Pick<ModelWeights, 'layer' | 'carry' | 'release'> & {
  readonly layers: readonly LayerWeights[];
};

export function residentLayers(layers: readonly LayerWeights[]): ResidentLayers {
  return {
    layers,
    layer: (layer) => Promise.resolve(layerOf(layers, layer)),
    carry: (entries) => writtenInPlace(layers, entries),
    release: () => Promise.resolve(),
  };
}

/** Reads all layers of a checkpoint, one tensor at a time straight into its place. */
export async function loadLayers(checkpoint: Checkpoint): Promise<readonly LayerWeights[]> {
  const layers: LayerWeights[] = [];
  for (let layer = 0; layer < checkpoint.config.layerCount; layer++) {
    layers.push(await loadParameters(checkpoint, allParameters(checkpoint.config, layer)));
  }
  return layers;
}

/** Reads parameters, by name. */
export async function loadParameters(
  checkpoint: Checkpoint,
  parameters: readonly LayerParameter[],
): Promise<LayerWeights> {
  const loaded = new Map<string, Parameter>();
  for (const parameter of parameters) {
    loaded.set(parameter.name, { data: await loadParameter(checkpoint, parameter), shape: parameter.shape });
  }
  return loaded;
}

async function loadParameter(checkpoint: Checkpoint, parameter: LayerParameter): Promise<Float32Array> {
  const data = new Float32Array(parameter.shape.reduce((total, size) => total * size, 1));
  const columns = parameter.shape[1] ?? 1;
  for (const { tensor, firstRow, rows } of parameter.sources) {
    await checkpoint.readFloat32(tensor, data.subarray(firstRow * columns, (firstRow + rows) * columns));
  }
  return data;
}

/** Remembers the frozen values of all entries. */
function writtenInPlace(layers: readonly LayerWeights[], entries: readonly DeltaEntries[]): EffectiveWeights {
  const parts = entries.map(({ layer, parameter, positions, offset }) => {
    const data = layerOf(layers, layer).get(parameter)?.data;
    if (data === undefined) throw new Error(`layer ${String(layer)} has no parameter ${parameter}`);
    return { data, positions, offset, frozen: Float32Array.from(positions, (at) => data[at] ?? 0) };
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

function layerOf(layers: readonly LayerWeights[], layer: number): LayerWeights {
  const weights = layers[layer];
  if (weights === undefined) throw new Error(`the model has no layer ${String(layer)}`);
  return weights;
}
