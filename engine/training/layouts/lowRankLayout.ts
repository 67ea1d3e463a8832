/** Layouts of low-rank bypasses (Hu et al. 2021): factors A [rank, in] and B [rows, rank] of every target module. */
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import { TRAINING_INPUTS, type LowRankShape, type TrainedShape } from '../../model/layerTraining.ts';
import { projectionsOf } from '../../model/parameters/modelParameters.ts';
import type { Projection } from '../../model/parameters/stackedModules.ts';
import type { LowRankFactor, TrainableLayout } from './trainableLayout.ts';

export interface LowRankOptions {
  readonly rank: number;
  /** What B A x is multiplied by. */
  readonly scale: number;
  readonly hasDropout: boolean;
}

/** @param modules names of the target modules */
export function lowRankLayout(
  config: ModelConfig,
  modules: ReadonlySet<string>,
  { rank, scale, hasDropout }: LowRankOptions,
): TrainableLayout {
  const parts: LowRankFactor[] = [];
  const layers: Record<string, TrainedShape>[] = [];
  let offset = 0;
  for (let layer = 0; layer < config.layerCount; layer++) {
    const shapes: Record<string, TrainedShape> = {};
    for (const projection of projectionsOf(config, layer)) {
      const shape: LowRankShape = {
        kind: 'lowRank',
        rank,
        scale,
        hasDropout,
        modules: projection.sources.map(({ tensor, rows }) => ({
          rows,
          isAdapted: modules.has(moduleOf(tensor)),
        })),
      };
      if (!shape.modules.some(({ isAdapted }) => isAdapted)) continue;
      shapes[projection.name] = shape;
      for (const factor of factorsOf(layer, projection, shape)) {
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
