/**
 * Ties a run's flat array of values to the weights that graphs read. A parameter that is trained as a whole becomes a view
 * of its part, so that it exists once; the factors of bypasses become parameters of their layer, views as well.
 */
import type { DecoderWeights } from '../../model/weights/decoderWeights.ts';
import type { Placement } from '../../model/weights/residentLayers.ts';
import type { Parameter } from '../../model/weights/modelWeights.ts';
import { withLayers, type ResidentModel } from '../../model/weights/anyWeights.ts';
import { initializeLowRank } from './lowRankStart.ts';
import type { DenseValues, LowRankFactor, TrainableLayout } from './trainableLayout.ts';

/**
 * Fills `values` with what training begins from: the base's own parameters, and factors whose product is zero; deltas are
 * zero already.
 *
 * @param values [layout.size]; changes in place are changes of the weights
 * @param seed of the factors
 * @returns the weights with views in place of what is trained
 */
export function boundValues<Weights extends ResidentModel>(
  weights: Weights,
  layout: TrainableLayout,
  values: Float32Array,
  seed: number,
): Weights {
  const layers = weights.layers.map((parameters) => new Map<string, Parameter>(parameters));
  for (const part of layout.parts) {
    if (part.kind !== 'dense' && part.kind !== 'lowRank') continue;
    const data = values.subarray(part.offset, part.offset + part.length);
    start(layers[part.layer]?.get(part.parameter), part, data, seed);
    layers[part.layer]?.set(part.input, { data, shape: part.shape });
  }
  return withLayers(weights, layers);
}

/** Where parameters that are trained as a whole are best read into: their parts of the flat array. */
export function valuePlacement({ parts }: TrainableLayout, values: Float32Array): Placement {
  const places = new Map<string, Float32Array>();
  for (const { kind, layer, input, offset, length } of parts) {
    if (kind === 'dense') places.set(`${String(layer)} ${input}`, values.subarray(offset, offset + length));
  }
  return (layer, parameter) => places.get(`${String(layer)} ${parameter}`);
}

/**
 * The same for weights that do not lie in memory as float32: they can carry bypasses, but no parameter can be trained as a
 * whole. Throws where the layout has such ones.
 */
export function boundFactors(
  weights: DecoderWeights,
  layout: TrainableLayout,
  values: Float32Array,
  seed: number,
): DecoderWeights {
  const layers = layout.layers.map(() => new Map<string, Parameter>());
  for (const part of layout.parts) {
    if (part.kind === 'dense') throw new Error(`${part.parameter} is trained as a whole, which needs float32 weights`);
    if (part.kind !== 'lowRank') continue;
    const data = values.subarray(part.offset, part.offset + part.length);
    startFactor(part, data, seed);
    layers[part.layer]?.set(part.input, { data, shape: part.shape });
  }
  return {
    ...weights,
    layer: async (layer, upcoming) => new Map([...(await weights.layer(layer, upcoming)), ...(layers[layer] ?? [])]),
  };
}

function start(
  frozen: Parameter | undefined,
  part: DenseValues | LowRankFactor,
  values: Float32Array,
  seed: number,
): void {
  if (frozen === undefined) throw new Error(`layer ${String(part.layer)} has no parameter ${part.parameter}`);
  if (part.kind === 'dense') {
    const isThere = frozen.data.buffer === values.buffer && frozen.data.byteOffset === values.byteOffset;
    if (!isThere) values.set(frozen.data);
  } else startFactor(part, values, seed);
}

function startFactor({ factor, module }: LowRankFactor, values: Float32Array, seed: number): void {
  if (factor === 'A') initializeLowRank(values, module, seed);
  else values.fill(0);
}
