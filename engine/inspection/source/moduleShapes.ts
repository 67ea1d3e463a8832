/** Rows and columns of the modules in a selection file: selection files hold neither. */
import type { SafetensorsFile } from '../../checkpoint/safetensors/safetensorsReader.ts';
import type { ModuleDescription } from '../../protocol/connections/connectionSource.ts';
import { invalidTensor, readSelectedEntries } from '../../selection/selectionTensors.ts';
import type { TargetModule } from '../../selection/targetModules.ts';
import { parseModuleName } from '../entries/moduleName.ts';

export interface ModuleShapes {
  readonly shapeFrom: ModuleDescription['shapeFrom'];
  readonly shapes: ReadonlyMap<string, TargetModule>;
}

export function shapesOf(modules: readonly TargetModule[], shapeFrom: ModuleDescription['shapeFrom']): ModuleShapes {
  return { shapeFrom, shapes: new Map(modules.map((module) => [module.module, module])) };
}

/** The smallest shape that holds every selected connection; modules of one kind are alike in all layers. */
export async function shapesFromEntries(file: SafetensorsFile, modules: readonly string[]): Promise<ModuleShapes> {
  const byKind = new Map<string, { rows: number; columns: number }>();
  for (const module of modules) {
    const { kind } = parseModuleName(module)!;
    const { indices, neurons, k } = await readSelectedEntries(file, module);
    const known = byKind.get(kind) ?? { rows: 0, columns: 0 };
    const rows = neurons === null ? indices.length / k : neurons.at(-1)! + 1;
    const columns = indices.reduce((most, index) => Math.max(most, index), 0) + 1;
    byKind.set(kind, { rows: Math.max(known.rows, rows), columns: Math.max(known.columns, columns) });
  }
  const shaped = modules.map((module) => ({ module, ...byKind.get(parseModuleName(module)!.kind)! }));
  return shapesOf(shaped, 'entries');
}

/** @throws ExpectedError `selection/invalidTensor` */
export function shapeOf({ shapes, shapeFrom }: ModuleShapes, module: string, file: string): TargetModule {
  const shape = shapes.get(module);
  if (shape !== undefined) return shape;
  const place = shapeFrom === 'base' ? 'the base checkpoint' : 'selection.json';
  throw invalidTensor(file, module, `expected a module of ${place}`);
}
