/** Modules layer by layer: questions are asked for one layer at a time. */
import type { ModuleDescription } from '../../../engine/protocol/connections/connectionSource.ts';

/** Lists of one layer each; `modules` come by layer. */
export function byLayer(modules: readonly ModuleDescription[]): ModuleDescription[][] {
  const layers = new Map<number, ModuleDescription[]>();
  for (const module of modules) {
    const layer = layers.get(module.layer) ?? [];
    layers.set(module.layer, [...layer, module]);
  }
  return [...layers.values()];
}
