/**
 * Which features the bypasses do not see (Srivastava et al. 2014), as inputs of the graphs: drawn from the seed and the
 * place of the micro-batch in the run, so that forward, backward and a resumed run see the same. The modules of one matrix
 * share what is dropped.
 */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { mixSeed } from '../../data/batches/seededOrder.ts';
import type { MicroBatch } from '../../data/batches/microBatch.ts';
import { Scratch } from '../../inference/scratch.ts';
import { TRAINING_INPUTS } from '../../model/layerTraining.ts';
import { float32Tensor, type HostTensor } from '../../runtime/tensor.ts';
import type { MicroBatchPlace } from './executionPlan.ts';
import type { TrainableLayout } from '../layouts/trainableLayout.ts';

/** The dropout inputs of a layer, valid until those of another layer under the same prefix are drawn. */
export type Dropout = (
  layer: number,
  batch: MicroBatch,
  place: MicroBatchPlace | undefined,
  prefix?: string,
) => Readonly<Record<string, HostTensor>>;

export const noDropout: Dropout = () => ({});

/** Keeps the seed's stream for dropout apart from those that order data. */
const PURPOSE = 4;

/** @param probability of each feature to be dropped; what is kept is scaled by 1 / (1 - p) */
export function createDropout(layout: TrainableLayout, probability: number, seed: number): Dropout {
  if (probability === 0) return noDropout;
  const scratch = new Scratch();
  const widths = layout.layers.map((_, layer) => widthsOf(layout, layer));
  return (layer, { batchSize, sequenceLength }, place, prefix = '') => {
    if (place === undefined) throw new Error('dropout needs the place of the micro-batch in the run');
    const feeds: Record<string, HostTensor> = {};
    [...(widths[layer] ?? [])].forEach(([parameter, columns], index) => {
      const name = prefix + TRAINING_INPUTS.dropout(parameter);
      const factors = scratch.floats(name, batchSize * sequenceLength * columns);
      draw(factors, probability, mixSeed([seed, PURPOSE, place.step, place.microBatch, layer, index]));
      feeds[name] = float32Tensor(factors, [batchSize, sequenceLength, columns]);
    });
    return feeds;
  };
}

/** The features of each bypassed parameter's input. */
function widthsOf({ parts }: TrainableLayout, layer: number): ReadonlyMap<string, number> {
  return new Map(
    parts.flatMap((part) =>
      part.kind === 'lowRank' && part.layer === layer ? [[part.parameter, part.module.columns] as const] : [],
    ),
  );
}

function draw(into: Float32Array, probability: number, seed: number): void {
  const random = xoroshiro128plus(seed);
  const limit = probability * 2 ** 32;
  const kept = 1 / (1 - probability);
  for (let i = 0; i < into.length; i++) into[i] = random.next() >>> 0 < limit ? 0 : kept;
}
