/**
 * Layouts of parameters that are trained as a whole: weights (full fine-tuning), biases (BitFit), or weights whose
 * gradients are multiplied by a mask of selected connections (mask-based sparse tuning), with the memory that these take.
 */
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import type { TrainedShape } from '../../model/layerTraining.ts';
import { projectionsOf } from '../../model/parameters/modelParameters.ts';
import type { LayerParameter } from '../../model/parameters/stackedModules.ts';
import type { ModuleSelection } from '../../selection/moduleSelection.ts';
import type { DenseValues, TrainableLayout } from './trainableLayout.ts';

/** Weights and biases by the names of their tensors in the checkpoint; tensors that are not named are frozen. */
export function denseLayout(config: ModelConfig, tensors: ReadonlySet<string>): TrainableLayout {
  return layoutOf(config, (parameter) => {
    const trained = parameter.sources.filter(({ tensor }) => tensors.has(tensor));
    if (trained.length === 0) return undefined;
    const [rows = 0, columns = 1] = parameter.shape;
    if (trained.reduce((total, source) => total + source.rows, 0) === rows) return { mask: null };
    const mask = new Uint8Array(rows * columns);
    for (const source of trained) mask.fill(1, source.firstRow * columns, (source.firstRow + source.rows) * columns);
    return { mask };
  });
}

/** Weights of which the selected connections are trained by a mask. */
export function maskedLayout(config: ModelConfig, modules: readonly ModuleSelection[]): TrainableLayout {
  const byTensor = new Map(modules.map((selection) => [`${selection.module}.weight`, selection]));
  return layoutOf(config, ({ shape, sources }) => {
    const [rows = 0, columns = 1] = shape;
    const trained = sources.flatMap(({ tensor, firstRow }) => {
      const selection = byTensor.get(tensor);
      return selection === undefined ? [] : [{ selection, firstRow }];
    });
    if (trained.length === 0) return undefined;
    const mask = new Uint8Array(rows * columns);
    for (const { selection, firstRow } of trained) markSelected(mask, selection, firstRow);
    return { mask };
  });
}

function markSelected(mask: Uint8Array, { indices, neurons, k, columns }: ModuleSelection, firstRow: number): void {
  for (let entry = 0; entry < indices.length; entry++) {
    const neuron = Math.floor(entry / k);
    const row = neurons === null ? neuron : (neurons[neuron] ?? 0);
    mask[(firstRow + row) * columns + (indices[entry] ?? 0)] = 1;
  }
}

type Choice = (parameter: LayerParameter) => Pick<DenseValues, 'mask'> | undefined;

function layoutOf(config: ModelConfig, choose: Choice): TrainableLayout {
  const parts: DenseValues[] = [];
  const layers: Record<string, TrainedShape>[] = [];
  let offset = 0;
  for (let layer = 0; layer < config.layerCount; layer++) {
    const shapes: Record<string, TrainedShape> = {};
    for (const parameter of projectionsOf(config, layer).flatMap((projection) => [projection, projection.bias])) {
      const chosen = parameter === undefined ? undefined : choose(parameter);
      if (parameter === undefined || chosen === undefined) continue;
      const { name, shape } = parameter;
      const length = shape.reduce((total, size) => total * size, 1);
      parts.push({ kind: 'dense', layer, parameter: name, input: name, shape, offset, length, ...chosen });
      shapes[name] = { kind: 'dense' };
      offset += length;
    }
    layers.push(shapes);
  }
  return { size: offset, parts, layers };
}
