/**
 * How the deltas of all selected connections lie in one flat array: by layer, then projection, then module, then neuron.
 * A projection's deltas are contiguous, since its graph takes them as one input, and so are a module's.
 */
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import type { LayerSelection } from '../../model/layerInputs.ts';
import { TRAINING_INPUTS, type SelectedShape } from '../../model/layerTraining.ts';
import { projectionsOf } from '../../model/parameters/modelParameters.ts';
import type { Projection } from '../../model/parameters/stackedModules.ts';
import type { ModuleSelection } from '../../selection/moduleSelection.ts';
import type { ModuleDeltas, ProjectionDeltas, TrainableLayout } from './trainableLayout.ts';

/** The layout of NeuroAda: selected connections alone. */
export interface DeltaLayout extends TrainableLayout {
  readonly projections: readonly ProjectionDeltas[];
  readonly layers: readonly LayerSelection[];
}

/** Whether a layout is one of selected connections alone. */
export function isDeltaLayout(layout: TrainableLayout): layout is DeltaLayout {
  return layout.parts.every(({ kind }) => kind === 'selected');
}

/** Lays out a selection; modules that it does not name are frozen. */
export function deltaLayout(config: ModelConfig, modules: readonly ModuleSelection[]): DeltaLayout {
  const byModule = new Map(modules.map((selection) => [selection.module, selection]));
  const projections: ProjectionDeltas[] = [];
  const layers: LayerSelection[] = [];
  let offset = 0;
  for (let layer = 0; layer < config.layerCount; layer++) {
    const shapes: Record<string, SelectedShape> = {};
    for (const projection of projectionsOf(config, layer)) {
      const deltas = projectionDeltas(layer, projection, byModule, offset);
      if (deltas === undefined) continue;
      projections.push(deltas);
      const { neuronCount, k, neurons } = deltas;
      shapes[projection.name] = { kind: 'selected', neuronCount, k, isPartial: neurons !== null };
      offset += deltas.length;
    }
    layers.push(shapes);
  }
  return { size: offset, parts: projections, projections, layers };
}

function projectionDeltas(
  layer: number,
  { name: projection, shape: weight, sources }: Projection,
  byModule: ReadonlyMap<string, ModuleSelection>,
  offset: number,
): ProjectionDeltas | undefined {
  const parts = sources.flatMap(({ tensor, firstRow }) => {
    const selection = byModule.get(tensor.replace(/\.weight$/, ''));
    return selection === undefined ? [] : [{ selection, firstRow }];
  });
  const [first] = parts;
  if (first === undefined) return undefined;
  const { k } = first.selection;
  const rows = parts.map(({ selection, firstRow }) => participatingRows(selection, firstRow));
  const neuronCount = rows.reduce((total, part) => total + part.length, 0);
  return {
    kind: 'selected',
    layer,
    projection,
    input: TRAINING_INPUTS.delta(projection),
    shape: [neuronCount, k],
    offset,
    length: neuronCount * k,
    neuronCount,
    k,
    indices: joined(parts.map(({ selection }) => selection.indices)),
    neurons: neuronCount === weight[0] ? null : joined(rows),
    columns: weight[1],
    modules: modulesOf(
      parts.map(({ selection }) => selection),
      offset,
    ),
  };
}

function participatingRows(selection: ModuleSelection, firstRow: number): Int32Array {
  if (selection.neurons !== null) return selection.neurons.map((row) => row + firstRow);
  return Int32Array.from({ length: selection.rows }, (_, row) => row + firstRow);
}

function modulesOf(selections: readonly ModuleSelection[], projectionOffset: number): ModuleDeltas[] {
  let offset = projectionOffset;
  return selections.map((selection) => {
    const deltas = { selection, offset, length: selection.indices.length };
    offset += deltas.length;
    return deltas;
  });
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const whole = new Int32Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
