/**
 * How the deltas of all selected connections lie in one flat array: by layer, then projection, then module, then neuron.
 * A projection's deltas are contiguous, since its graph takes them as one input, and so are a module's.
 */
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';
import type { LayerSelection } from '../model/layerInputs.ts';
import { TRAINING_INPUTS, type SelectedShape } from '../model/layerTraining.ts';
import { layerParameters, PROJECTION_NAMES, type ProjectionName } from '../model/parameters.ts';
import type { ModuleSelection } from '../selection/moduleSelection.ts';
import type { ModuleDeltas, ProjectionDeltas, TrainableLayout } from './trainableLayout.ts';

/** The layout of NeuroAda: selected connections alone. */
export interface DeltaLayout extends TrainableLayout {
  readonly projections: readonly ProjectionDeltas[];
  readonly layers: readonly LayerSelection[];
}

/** Lays out a selection; modules that it does not name are frozen. */
export function deltaLayout(config: DecoderConfig, modules: readonly ModuleSelection[]): DeltaLayout {
  const byModule = new Map(modules.map((selection) => [selection.module, selection]));
  const projections: ProjectionDeltas[] = [];
  const layers: LayerSelection[] = [];
  let offset = 0;
  for (let layer = 0; layer < config.layerCount; layer++) {
    const shapes: Partial<Record<ProjectionName, SelectedShape>> = {};
    for (const projection of PROJECTION_NAMES) {
      const deltas = projectionDeltas(config, layer, projection, byModule, offset);
      if (deltas === undefined) continue;
      projections.push(deltas);
      const { neuronCount, k, neurons } = deltas;
      shapes[projection] = { kind: 'selected', neuronCount, k, isPartial: neurons !== null };
      offset += deltas.length;
    }
    layers.push(shapes);
  }
  return { size: offset, parts: projections, projections, layers };
}

function projectionDeltas(
  config: DecoderConfig,
  layer: number,
  projection: ProjectionName,
  byModule: ReadonlyMap<string, ModuleSelection>,
  offset: number,
): ProjectionDeltas | undefined {
  const { shape: weight, sources } = layerParameters(config, layer).projections[projection];
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
