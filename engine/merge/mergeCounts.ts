/** What a merge did to the weights, in numbers, by module and in all. */
import type { PatchCounts } from './patches/tensorPatch.ts';

export interface ModuleCounts extends PatchCounts {
  readonly module: string;
}

export interface MergeCounts extends PatchCounts {
  readonly modules: readonly ModuleCounts[];
}

export const NO_ENTRIES: MergeCounts = { entries: 0, changed: 0, lost: 0, unexpected: 0, overflows: 0, modules: [] };

/** The counts with one more module. */
export function addCounts(counts: MergeCounts, module: string, added: PatchCounts): MergeCounts {
  return {
    entries: counts.entries + added.entries,
    changed: counts.changed + added.changed,
    lost: counts.lost + added.lost,
    unexpected: counts.unexpected + added.unexpected,
    overflows: counts.overflows + added.overflows,
    modules: [...counts.modules, { module, ...added }],
  };
}
