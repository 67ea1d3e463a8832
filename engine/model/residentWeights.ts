/** A decoder's parameters in memory as float32: the fastest to compute with, and the largest. */
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';
import type {
  DecoderWeights,
  DeltaEntries,
  EffectiveWeights,
  EmbeddingTable,
  LayerWeights,
  Parameter,
} from './decoderWeights.ts';
import { allParameters, EMBEDDING, FINAL_NORM, OUTPUT_EMBEDDING, type LayerParameter } from './parameters.ts';

/** A table that is in memory as a whole. */
export interface ResidentTable extends EmbeddingTable {
  /** [vocabulary, hidden] */
  readonly data: Float32Array;
}

/** Every parameter is there at any time; edits in place are seen by whoever reads it next. */
export interface ResidentWeights extends DecoderWeights {
  readonly layers: readonly LayerWeights[];
  readonly embedding: ResidentTable;
  readonly outputEmbedding: ResidentTable;
}

/** Arrays of a decoder's parameters. */
export interface DecoderArrays {
  readonly layers: readonly LayerWeights[];
  /** [vocabulary, hidden] */
  readonly embedding: Float32Array;
  /** [vocabulary, hidden]; the embedding itself where the two are tied. */
  readonly outputEmbedding: Float32Array;
  /** [hidden] */
  readonly finalNorm: Float32Array;
}

export function residentWeights(config: DecoderConfig, arrays: DecoderArrays): ResidentWeights {
  const { layers, finalNorm } = arrays;
  const embedding = residentTable(arrays.embedding, config.hiddenSize);
  const isTied = arrays.outputEmbedding === arrays.embedding;
  return {
    config,
    layers,
    embedding,
    outputEmbedding: isTied ? embedding : residentTable(arrays.outputEmbedding, config.hiddenSize),
    finalNorm,
    layer: (layer) => Promise.resolve(layerOf(layers, layer)),
    carry: (entries) => writtenInPlace(layers, entries),
    release: () => Promise.resolve(),
  };
}

/** The same weights with other parameters of their layers. */
export function withParameters(weights: ResidentWeights, layers: readonly LayerWeights[]): ResidentWeights {
  const { config, embedding, outputEmbedding, finalNorm } = weights;
  return residentWeights(config, {
    layers,
    embedding: embedding.data,
    outputEmbedding: outputEmbedding.data,
    finalNorm,
  });
}

/** Reads a checkpoint, one tensor at a time straight into its place. */
export async function loadWeights(checkpoint: Checkpoint): Promise<ResidentWeights> {
  const { config } = checkpoint;
  const layers: Map<string, Parameter>[] = [];
  for (let layer = 0; layer < config.layerCount; layer++) {
    const parameters = new Map<string, Parameter>();
    for (const parameter of allParameters(config, layer)) {
      parameters.set(parameter.name, { data: await loadParameter(checkpoint, parameter), shape: parameter.shape });
    }
    layers.push(parameters);
  }
  const embedding = await checkpoint.readFloat32(EMBEDDING);
  return residentWeights(config, {
    layers,
    embedding,
    outputEmbedding: config.tiedEmbeddings ? embedding : await checkpoint.readFloat32(OUTPUT_EMBEDDING),
    finalNorm: await checkpoint.readFloat32(FINAL_NORM),
  });
}

async function loadParameter(checkpoint: Checkpoint, parameter: LayerParameter): Promise<Float32Array> {
  const data = new Float32Array(parameter.shape.reduce((total, size) => total * size, 1));
  const columns = parameter.shape[1] ?? 1;
  for (const { tensor, firstRow, rows } of parameter.sources) {
    await checkpoint.readFloat32(tensor, data.subarray(firstRow * columns, (firstRow + rows) * columns));
  }
  return data;
}

function residentTable(data: Float32Array, width: number): ResidentTable {
  return {
    data,
    blockLimit: data.length / width,
    gather(rows, into) {
      rows.forEach((row, index) => {
        into.set(data.subarray(row * width, (row + 1) * width), index * width);
      });
      return Promise.resolve();
    },
    block: (firstRow, count) => Promise.resolve(data.subarray(firstRow * width, (firstRow + count) * width)),
  };
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
