/** Layouts of low-rank bypasses (Hu et al. 2021): factors A [rank, in] and B [rows, rank] of every target module. */
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';
import { TRAINING_INPUTS, type LowRankShape, type TrainedShape } from '../model/layerTraining.ts';
import { layerParameters, PROJECTION_NAMES, type Projection } from '../model/parameters.ts';
import type { LowRankFactor, TrainableLayout } from './trainableLayout.ts';

export interface LowRankOptions {
  readonly rank: number;
  /** What B A x is multiplied by. */
  readonly scale: number;
  readonly hasDropout: boolean;
}

/** @param modules names of the target modules */
export function lowRankLayout(
  config: DecoderConfig,
  modules: ReadonlySet<string>,
  { rank, scale, hasDropout }: LowRankOptions,
): TrainableLayout {
  const parts: LowRankFactor[] = [];
  const layers: Record<string, TrainedShape>[] = [];
  let offset = 0;
  for (let layer = 0; layer < config.layerCount; layer++) {
    const shapes: Record<string, TrainedShape> = {};
    const { projections } = layerParameters(config, layer);
    for (const name of PROJECTION_NAMES) {
      const shape: LowRankShape = {
        kind: 'lowRank',
        rank,
        scale,
        hasDropout,
        modules: projections[name].sources.map(({ tensor, rows }) => ({
          rows,
          isAdapted: modules.has(moduleOf(tensor)),
        })),
      };
      if (!shape.modules.some(({ isAdapted }) => isAdapted)) continue;
      shapes[name] = shape;
      for (const factor of factorsOf(layer, projections[name], shape)) {
        parts.push({ ...factor, offset });
        offset += factor.length;
      }
    }
    layers.push(shapes);
  }
  return { size: offset, parts, layers };
}

function factorsOf(
  layer: number,
  { name, shape: [, columns], sources }: Projection,
  { rank, modules }: LowRankShape,
): readonly Omit<LowRankFactor, 'offset'>[] {
  return sources.flatMap(({ tensor, rows }, index) => {
    if (modules[index]?.isAdapted !== true) return [];
    const shared = {
      kind: 'lowRank',
      layer,
      parameter: name,
      module: { module: moduleOf(tensor), rows, columns },
    } as const;
    const [inputA, inputB] = [TRAINING_INPUTS.lowRankA(name, index), TRAINING_INPUTS.lowRankB(name, index)];
    return [
      { ...shared, factor: 'A', input: inputA, shape: [rank, columns], length: rank * columns },
      { ...shared, factor: 'B', input: inputB, shape: [rows, rank], length: rows * rank },
    ] as const;
  });
}

function moduleOf(tensor: string): string {
  return tensor.replace(/\.weight$/, '');
}
