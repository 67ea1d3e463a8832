/** Layouts of deltas at entries anywhere in the weights of the target modules (Super-Tuning, SHiRA). */
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import { TRAINING_INPUTS, type TrainedShape } from '../../model/layerTraining.ts';
import { projectionsOf } from '../../model/parameters/modelParameters.ts';
import type { Projection } from '../../model/parameters/stackedModules.ts';
import type { TargetModule } from '../../selection/targetModules.ts';
import type { EntryDeltas, TrainableLayout } from './trainableLayout.ts';

/** Entries of one module. */
export interface ModulePositions extends TargetModule {
  /** Positions in the module's weight, row after row; ascending. */
  readonly positions: Int32Array;
}

export function entryLayout(config: ModelConfig, modules: readonly ModulePositions[]): TrainableLayout {
  const byTensor = new Map(modules.map((entries) => [`${entries.module}.weight`, entries]));
  const parts: EntryDeltas[] = [];
  const layers: Record<string, TrainedShape>[] = [];
  let offset = 0;
  for (let layer = 0; layer < config.layerCount; layer++) {
    const shapes: Record<string, TrainedShape> = {};
    for (const projection of projectionsOf(config, layer)) {
      const part = entryDeltas(layer, projection, byTensor, offset);
      if (part === undefined) continue;
      parts.push(part);
      shapes[projection.name] = { kind: 'entries', count: part.length };
      offset += part.length;
    }
    layers.push(shapes);
  }
  return { size: offset, parts, layers };
}

function entryDeltas(
  layer: number,
  { name, shape: [, columns], sources }: Projection,
  byTensor: ReadonlyMap<string, ModulePositions>,
  offset: number,
): EntryDeltas | undefined {
  const modules: EntryDeltas['modules'][number][] = [];
  const positions: Int32Array[] = [];
  let length = 0;
  for (const { tensor, firstRow } of sources) {
    const entries = byTensor.get(tensor);
    if (entries === undefined) continue;
    modules.push({ module: entries.module, offset: offset + length, length: entries.positions.length });
    positions.push(entries.positions.map((position) => firstRow * columns + position));
    length += entries.positions.length;
  }
  if (length === 0) return undefined;
  const joined = new Int32Array(length);
  for (const [index, { offset: start }] of modules.entries()) joined.set(positions[index] ?? [], start - offset);
  const input = TRAINING_INPUTS.delta(name);
  return {
    kind: 'entries',
    layer,
    parameter: name,
    input,
    shape: [length],
    offset,
    length,
    positions: joined,
    modules,
  };
}
