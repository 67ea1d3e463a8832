/**
 * Fewer points that draw the same line: of every pixel column the first, the lowest, the highest and the last point stay
 * (M4: Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014, section 4.2). No spike is
 * lost, and a line through the kept points covers the same pixels as one through all of them.
 */
import { lowerBound } from './column.ts';
import type { Series } from './runSeries.ts';

/**
 * Indices of the kept points, ascending. One point on each side of the range is kept so that the line leaves the chart.
 * @param columns pixel columns that [from, to] is drawn on
 */
export function decimate(series: Series, from: number, to: number, columns: number): Uint32Array {
  const { steps } = series;
  const start = Math.max(0, lowerBound(steps, from) - 1);
  let end = lowerBound(steps, to);
  if (steps[end] === to) end += 1;
  end = Math.min(steps.length, end + 1);
  if (end - start <= 4 * columns) return Uint32Array.from({ length: end - start }, (_, index) => start + index);
  // A column may hold a gap besides, and one point on each side has a column of its own.
  const kept = new Uint32Array(5 * (columns + 3));
  let count = 0;
  const stepsPerColumn = (to - from) / columns || 1;
  const columnOf = (index: number): number => Math.floor((steps[index]! - from) / stepsPerColumn);
  for (let first = start; first < end;) {
    const column = columnOf(first);
    let next = first + 1;
    while (next < end && columnOf(next) === column) next += 1;
    for (const index of extremes(series.values, first, next)) kept[count++] = index;
    first = next;
  }
  return kept.slice(0, count);
}

/** Indices of the first, lowest, highest and last point and of a gap between `first` and `end`, ascending, once each. */
function extremes(values: Float64Array, first: number, end: number): number[] {
  let lowest = -1;
  let highest = -1;
  let gap = -1;
  for (let index = first; index < end; index++) {
    const value = values[index]!;
    if (!Number.isFinite(value)) gap = index;
    else {
      if (lowest < 0 || value < values[lowest]!) lowest = index;
      if (highest < 0 || value > values[highest]!) highest = index;
    }
  }
  const found = [first, lowest, highest, gap, end - 1].filter((index) => index >= 0).sort((a, b) => a - b);
  return found.filter((index, place) => index !== found[place - 1]);
}
