/** A decoder's parameters in memory as float32: the fastest to compute with, and the largest. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { DecoderConfig } from '../../checkpoint/config/decoderConfig.ts';
import { requireDecoder } from '../../checkpoint/config/modelConfig.ts';
import type { DecoderWeights, EmbeddingTable } from './decoderWeights.ts';
import type { LayerWeights } from './modelWeights.ts';
import { EMBEDDING, FINAL_NORM, OUTPUT_EMBEDDING } from '../parameters/parameters.ts';
import { loadLayers, residentLayers, type Placement } from './residentLayers.ts';

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
    embedding,
    outputEmbedding: isTied ? embedding : residentTable(arrays.outputEmbedding, config.hiddenSize),
    finalNorm,
    ...residentLayers(layers),
  };
}

/** Reads a checkpoint, one tensor at a time straight into its place. */
export async function loadWeights(checkpoint: Checkpoint, place?: Placement): Promise<ResidentWeights> {
  const config = requireDecoder(checkpoint.config, checkpoint.folder, 'this computation');
  const layers = await loadLayers(checkpoint, place);
  const embedding = await checkpoint.readFloat32(EMBEDDING);
  return residentWeights(config, {
    layers,
    embedding,
    outputEmbedding: config.tiedEmbeddings ? embedding : await checkpoint.readFloat32(OUTPUT_EMBEDDING),
    finalNorm: await checkpoint.readFloat32(FINAL_NORM),
  });
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
