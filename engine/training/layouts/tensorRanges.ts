/** Where the checkpoint's own tensors lie in the flat array, for parameters that are trained as a whole. */
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import { allParameters } from '../../model/parameters/modelParameters.ts';
import type { TrainableLayout } from './trainableLayout.ts';

export interface TensorRange {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly length: number;
}

/** By the tensor's name. */
export function tensorRanges(config: ModelConfig, layout: TrainableLayout): ReadonlyMap<string, TensorRange> {
  const ranges = new Map<string, TensorRange>();
  for (const part of layout.parts) {
    if (part.kind !== 'dense') continue;
    const parameter = allParameters(config, part.layer).find(({ name }) => name === part.parameter);
    for (const { tensor, firstRow, rows } of parameter?.sources ?? []) {
      const [, ...inner] = part.shape;
      const width = inner.reduce((total, size) => total * size, 1);
      ranges.set(tensor, { offset: part.offset + firstRow * width, shape: [rows, ...inner], length: rows * width });
    }
  }
  return ranges;
}
