/** A decoder's parameters in memory, float32, laid out as its graphs read them. */
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';
import { layerParameters, type LayerParameter, PROJECTION_NAMES } from './parameters.ts';

/** One parameter: row-major elements and their shape. */
export interface Parameter {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface DecoderWeights {
  readonly config: DecoderConfig;
  /** Each layer's parameters by the names of its graph's inputs. */
  readonly layers: readonly ReadonlyMap<string, Parameter>[];
  /** [vocabulary, hidden] */
  readonly embedding: Float32Array;
  /** [vocabulary, hidden]; the embedding itself where the two are tied. */
  readonly outputEmbedding: Float32Array;
  /** [hidden] */
  readonly finalNorm: Float32Array;
}

const EMBEDDING = 'model.embed_tokens.weight';
const OUTPUT_EMBEDDING = 'lm_head.weight';
const FINAL_NORM = 'model.norm.weight';

/** Every parameter of a layer: projections, their biases, norms. */
function allParameters(config: DecoderConfig, layer: number): readonly LayerParameter[] {
  const { projections, norms } = layerParameters(config, layer);
  const linear = PROJECTION_NAMES.flatMap((name) => {
    const projection = projections[name];
    return projection.bias === undefined ? [projection] : [projection, projection.bias];
  });
  return [...linear, ...norms];
}

/** Reads a checkpoint, one tensor at a time straight into its place. */
export async function loadWeights(checkpoint: Checkpoint): Promise<DecoderWeights> {
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
  return {
    config,
    layers,
    embedding,
    outputEmbedding: config.tiedEmbeddings ? embedding : await checkpoint.readFloat32(OUTPUT_EMBEDDING),
    finalNorm: await checkpoint.readFloat32(FINAL_NORM),
  };
}

async function loadParameter(checkpoint: Checkpoint, parameter: LayerParameter): Promise<Float32Array> {
  const data = new Float32Array(parameter.shape.reduce((total, size) => total * size, 1));
  const columns = parameter.shape[1] ?? 1;
  for (const { tensor, firstRow, rows } of parameter.sources) {
    await checkpoint.readFloat32(tensor, data.subarray(firstRow * columns, (firstRow + rows) * columns));
  }
  return data;
}

/** The parameter of a layer by its graph's name for it. */
export function parameterOf(weights: DecoderWeights, layer: number, name: string): Parameter {
  const parameter = weights.layers[layer]?.get(name);
  if (parameter === undefined) throw new Error(`layer ${String(layer)} has no parameter ${name}`);
  return parameter;
}
