/** Layers of a model in memory as float32: every parameter is there at any time, and edits in place are seen by all. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { allParameters } from '../parameters/modelParameters.ts';
import type { DeltaEntries, EffectiveWeights, LayerWeights, ModelWeights, Parameter } from './modelWeights.ts';
import type { LayerParameter } from '../parameters/stackedModules.ts';

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

/** Where a layer's parameter is to be read into; undefined for an array of its own. */
export type Placement = (layer: number, parameter: string) => Float32Array | undefined;

/** Reads the first `count` layers of a checkpoint, all by default, one tensor at a time straight into its place. */
export async function loadLayers(
  checkpoint: Checkpoint,
  place: Placement = () => undefined,
  count = checkpoint.config.layerCount,
): Promise<readonly LayerWeights[]> {
  const layers: LayerWeights[] = [];
  for (let layer = 0; layer < count; layer++) {
    const parameters = allParameters(checkpoint.config, layer);
    layers.push(await loadParameters(checkpoint, parameters, (name) => place(layer, name)));
  }
  return layers;
}

/** Reads parameters, by name. */
async function loadParameters(
  checkpoint: Checkpoint,
  parameters: readonly LayerParameter[],
  place: (parameter: string) => Float32Array | undefined = () => undefined,
): Promise<LayerWeights> {
  const loaded = new Map<string, Parameter>();
  for (const parameter of parameters) {
    const { name, shape } = parameter;
    const data = place(name) ?? new Float32Array(shape.reduce((total, size) => total * size, 1));
    await readParameter(checkpoint, parameter, data);
    loaded.set(name, { data, shape });
  }
  return loaded;
}

async function readParameter(checkpoint: Checkpoint, parameter: LayerParameter, data: Float32Array): Promise<void> {
  const columns = parameter.shape[1] ?? 1;
  for (const { tensor, firstRow, rows } of parameter.sources) {
    await checkpoint.readFloat32(tensor, data.subarray(firstRow * columns, (firstRow + rows) * columns));
  }
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
