/** What a merge did to the weights, in numbers, by module and in all. */
import type { PatchCounts } from './tensorPatch.ts';

export interface ModuleCounts extends PatchCounts {
  readonly module: string;
}

export interface MergeCounts extends PatchCounts {
  readonly modules: readonly ModuleCounts[];
}

export const NO_ENTRIES: MergeCounts = { entries: 0, changed: 0, lost: 0, unexpected: 0, overflows: 0, modules: [] };

export function addCounts(first: MergeCounts, second: MergeCounts): MergeCounts {
  return {
    entries: first.entries + second.entries,
    changed: first.changed + second.changed,
    lost: first.lost + second.lost,
    unexpected: first.unexpected + second.unexpected,
    overflows: first.overflows + second.overflows,
    modules: [...first.modules, ...second.modules],
  };
}
