/** Where the checkpoint's own tensors are within a model's weights. */
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import { isEncoder, type ResidentModel } from './anyWeights.ts';
import { allParameters } from '../parameters/modelParameters.ts';
import { EMBEDDING, FINAL_NORM, OUTPUT_EMBEDDING } from '../parameters/parameters.ts';

const LAYER = /(?:^|\.)layers?\.(\d+)\./;

export interface TensorPlace {
  readonly layer: number;
  /** Name of the parameter that holds it. */
  readonly parameter: string;
  /** Number of its first element among the parameter's. */
  readonly firstElement: number;
  readonly length: number;
}

/** The place of a layer's tensor; undefined for tensors that belong to no layer. */
export function tensorPlace(config: ModelConfig, tensor: string): TensorPlace | undefined {
  const layer = Number(LAYER.exec(tensor)?.[1] ?? NaN);
  if (!(layer < config.layerCount)) return undefined;
  for (const { name, shape, sources } of allParameters(config, layer)) {
    const source = sources.find((candidate) => candidate.tensor === tensor);
    if (source === undefined) continue;
    const width = shape[1] ?? 1;
    return { layer, parameter: name, firstElement: source.firstRow * width, length: source.rows * width };
  }
  return undefined;
}

/** A view of the tensor's elements; edits of it are edits of the weights. Throws for a tensor that the model does not have. */
export function tensorElements(weights: ResidentModel, tensor: string): Float32Array {
  const whole = outsideLayers(weights, tensor);
  if (whole !== undefined) return whole;
  const place = tensorPlace(weights.config, tensor);
  const data = place === undefined ? undefined : weights.layers[place.layer]?.get(place.parameter)?.data;
  if (place === undefined || data === undefined) throw new Error(`the model has no tensor ${tensor}`);
  return data.subarray(place.firstElement, place.firstElement + place.length);
}

/** What lies before the first layer or behind the last. */
function outsideLayers(weights: ResidentModel, tensor: string): Float32Array | undefined {
  if (isEncoder(weights)) return weights.layers[weights.config.layerCount]?.get(tensor)?.data;
  if (tensor === EMBEDDING) return weights.embedding.data;
  if (tensor === OUTPUT_EMBEDDING) return weights.outputEmbedding.data;
  return tensor === FINAL_NORM ? weights.finalNorm : undefined;
}
