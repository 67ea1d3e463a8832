/** Two sources module by module: how far their selections overlap, whether their deltas agree, what moved most. */
import type { ViewProblem } from '../../../engine/protocol/connectionsView.ts';
import type { ModuleDescription } from '../../../engine/protocol/connections/connectionSource.ts';
import type { Comparison } from '../../../engine/protocol/connections/inspection.ts';
import type { ShownSource, View } from '../view/view.ts';
import { byLayer } from '../state/layers.ts';

/** Connections that moved most: of every layer so many, and so many of all. */
const MOST_MOVED = 100;

export interface ModuleComparison {
  readonly module: ModuleDescription;
  /** shared / united; NaN where neither selected any. */
  readonly jaccard: number;
  readonly shared: number;
  readonly united: number;
  readonly deltaCorrelation: number;
  readonly rmsDifference: number;
}

export interface MovedConnection {
  readonly module: ModuleDescription;
  readonly row: number;
  readonly column: number;
  readonly left: number;
  readonly right: number;
}

export interface ComparisonModel {
  readonly modules: ReadonlyMap<string, ModuleComparison>;
  /** Those known of so far, the largest difference first. */
  readonly moved: readonly MovedConnection[];
  readonly isComplete: boolean;
  readonly problem: ViewProblem | undefined;
  /** Modules that only one of the sources has. */
  readonly unshared: readonly string[];
}

export function comparisonModel({ left, answers }: View, right: ShownSource): ComparisonModel {
  const names = new Set(right.description.modules.map(({ module }) => module));
  const both = left.description.modules.filter(({ module }) => names.has(module));
  const modules = new Map<string, ModuleComparison>();
  const moved: MovedConnection[] = [];
  let isComplete = true;
  let problem: ViewProblem | undefined;
  for (const layer of byLayer(both)) {
    const params = {
      left: left.source,
      right: right.source,
      modules: layer.map(({ module }) => module),
      limit: MOST_MOVED,
    };
    const answer = answers.of('inspection/comparison', params, left.revision + right.revision);
    if (answer.status === 'known') {
      for (const [index, module] of layer.entries())
        modules.set(module.module, moduleComparison(module, answer.value, index));
      moved.push(...movedConnections(layer, answer.value));
    } else {
      isComplete = false;
      if (answer.status === 'failed') problem ??= answer.problem;
    }
  }
  moved.sort((a, b) => Math.abs(b.right - b.left) - Math.abs(a.right - a.left));
  const shared = new Set(both.map(({ module }) => module));
  const all = [...left.description.modules, ...right.description.modules].map(({ module }) => module);
  const unshared = [...new Set(all)].filter((module) => !shared.has(module));
  return { modules, moved: moved.slice(0, MOST_MOVED), isComplete, problem, unshared };
}

function moduleComparison(module: ModuleDescription, comparison: Comparison, index: number): ModuleComparison {
  const [shared, united] = [comparison.shared[index]!, comparison.united[index]!];
  return {
    module,
    shared,
    united,
    jaccard: united === 0 ? NaN : shared / united,
    deltaCorrelation: comparison.deltaCorrelation[index]!,
    rmsDifference: comparison.rmsDifference[index]!,
  };
}

function movedConnections(layer: readonly ModuleDescription[], { moved }: Comparison): MovedConnection[] {
  return Array.from(moved.rows, (row, index) => ({
    module: layer[moved.modules[index]!]!,
    row,
    column: moved.columns[index]!,
    left: moved.leftDeltas[index]!,
    right: moved.rightDeltas[index]!,
  }));
}
