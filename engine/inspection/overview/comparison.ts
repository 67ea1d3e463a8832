/** Two sources compared module by module: overlap of the selections, correlation of the deltas, what moved most. */
import type { Comparison } from '../../protocol/connections/inspection.ts';
import { deltaOf, visitUnion } from '../entries/entryUnion.ts';
import type { ModuleEntries } from '../entries/moduleEntries.ts';

interface Moved {
  readonly module: number;
  readonly row: number;
  readonly column: number;
  readonly left: number;
  readonly right: number;
}

/** Gathers the comparison while modules come one after the other. */
export interface ComparisonGatherer {
  add(left: ModuleEntries, right: ModuleEntries): void;
  result(): Comparison;
}

/** @param limit moved connections that are kept */
export function createComparison(limit: number): ComparisonGatherer {
  const columns = {
    shared: [] as number[],
    united: [] as number[],
    deltaCorrelation: [] as number[],
    rmsDifference: [] as number[],
  };
  const moved = createLargest(limit);
  return {
    add(left, right) {
      const module = columns.united.length;
      const sums = { shared: 0, united: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0, squares: 0 };
      visitUnion(left, right, (row, column, leftEntry, rightEntry) => {
        const x = deltaOf(left, leftEntry);
        const y = deltaOf(right, rightEntry);
        if (leftEntry >= 0 && rightEntry >= 0) sums.shared += 1;
        sums.united += 1;
        sums.x += x;
        sums.y += y;
        sums.xx += x * x;
        sums.yy += y * y;
        sums.xy += x * y;
        sums.squares += (y - x) * (y - x);
        if (Math.abs(y - x) > moved.least()) moved.add({ module, row, column, left: x, right: y });
      });
      columns.shared.push(sums.shared);
      columns.united.push(sums.united);
      columns.deltaCorrelation.push(correlation(sums));
      columns.rmsDifference.push(Math.sqrt(sums.squares / sums.united));
    },
    result: () => ({
      shared: Float64Array.from(columns.shared),
      united: Float64Array.from(columns.united),
      deltaCorrelation: Float64Array.from(columns.deltaCorrelation),
      rmsDifference: Float64Array.from(columns.rmsDifference),
      moved: movedColumns(moved.sorted()),
    }),
  };
}

/** Pearson's r from sums over `united` pairs; NaN where one side does not vary. */
function correlation(sums: Readonly<Record<'united' | 'x' | 'y' | 'xx' | 'yy' | 'xy', number>>): number {
  const { united: count, x, y, xx, yy, xy } = sums;
  const varianceX = xx - (x * x) / count;
  const varianceY = yy - (y * y) / count;
  // Below this share of the sum of squares a variance is rounding.
  if (varianceX <= xx * 1e-12 || varianceY <= yy * 1e-12) return NaN;
  return Math.max(-1, Math.min(1, (xy - (x * y) / count) / Math.sqrt(varianceX * varianceY)));
}

/** The `limit` connections that differ most; of equals those that came first. */
function createLargest(limit: number): {
  add(moved: Moved): void;
  least(): number;
  sorted(): readonly Moved[];
} {
  let kept: Moved[] = [];
  let least = limit > 0 ? 0 : Infinity;
  const prune = (): void => {
    kept.sort((a, b) => differenceOf(b) - differenceOf(a));
    kept = kept.slice(0, limit);
    if (kept.length === limit) least = differenceOf(kept.at(-1)!);
  };
  return {
    add(moved) {
      kept.push(moved);
      if (kept.length >= 4 * limit + 64) prune();
    },
    least: () => least,
    sorted() {
      prune();
      return kept;
    },
  };
}

function differenceOf({ left, right }: Moved): number {
  return Math.abs(right - left);
}

function movedColumns(moved: readonly Moved[]): Comparison['moved'] {
  return {
    modules: Uint32Array.from(moved, ({ module }) => module),
    rows: Uint32Array.from(moved, ({ row }) => row),
    columns: Uint32Array.from(moved, ({ column }) => column),
    leftDeltas: Float32Array.from(moved, ({ left }) => left),
    rightDeltas: Float32Array.from(moved, ({ right }) => right),
  };
}
