/** The measures of the overview over one module's selected connections. */
import { MEASURES, type Measure, type Overview } from '../../protocol/connections/inspection.ts';
import { giniCoefficient } from '../../selection/moduleStatistics.ts';
import { columnHits } from '../tiles/margins.ts';
import type { ModuleEntries } from '../entries/moduleEntries.ts';

export type ModuleMeasures = Readonly<Record<Measure, number>>;

/** The measures as `MEASURES` defines them; NaN for those of deltas where there are none. */
export function moduleMeasures(entries: ModuleEntries): ModuleMeasures {
  const { indices, weights } = entries;
  const count = indices.length;
  let sum = 0;
  let largest = 0;
  for (let i = 0; i < count; i += 1) {
    const magnitude = Math.abs(weights[i]!);
    sum += magnitude;
    if (magnitude > largest) largest = magnitude;
  }
  const hits = columnHits(entries);
  return {
    selected: count,
    meanWeight: sum / count,
    maxWeight: largest,
    ...deltaMeasures(entries, sum),
    inputShare: countHit(hits) / entries.columns,
    inputConcentration: giniCoefficient(hits),
  };
}

function countHit(hits: Int32Array): number {
  let hit = 0;
  for (let column = 0; column < hits.length; column += 1) if (hits[column]! > 0) hit += 1;
  return hit;
}

function deltaMeasures(
  { weights, deltas }: ModuleEntries,
  weightSum: number,
): Pick<ModuleMeasures, 'meanDelta' | 'maxDelta' | 'relativeChange' | 'signFlips'> {
  if (deltas === null) return { meanDelta: NaN, maxDelta: NaN, relativeChange: NaN, signFlips: NaN };
  let sum = 0;
  let largest = 0;
  let flips = 0;
  for (let i = 0; i < deltas.length; i += 1) {
    const weight = weights[i]!;
    const delta = deltas[i]!;
    const magnitude = Math.abs(delta);
    sum += magnitude;
    if (magnitude > largest) largest = magnitude;
    // The sign of the exact sum is that of the rounded one.
    const after = weight + delta;
    if ((weight < 0 && after > 0) || (weight > 0 && after < 0)) flips += 1;
  }
  return { meanDelta: sum / deltas.length, maxDelta: largest, relativeChange: sum / weightSum, signFlips: flips };
}

/** The measures of several modules, one array per measure. */
export function overviewOf(modules: readonly ModuleMeasures[]): Overview {
  const arrays = MEASURES.map((measure) => [measure, Float64Array.from(modules, (module) => module[measure])] as const);
  return Object.fromEntries(arrays) as unknown as Overview;
}
