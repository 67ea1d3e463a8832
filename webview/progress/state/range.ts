/** Arithmetic on the shown range of steps: zooming at a place, panning, staying inside what was trained. */

export type Range = readonly [from: number, to: number];

/** Fewer steps than this say nothing. */
const LEAST_SPAN = 4;

/**
 * The range around a step that stays where it is on the screen.
 * @param factor below 1 zooms in
 */
export function zoomed(range: Range, extent: Range, at: number, factor: number): Range | null {
  const [from, to] = range;
  const span = Math.max(LEAST_SPAN, (to - from) * factor);
  const share = to === from ? 0.5 : (at - from) / (to - from);
  const start = at - share * span;
  return inside([start, start + span], extent);
}

/** The range moved by a share of its width. */
export function panned(range: Range, extent: Range, share: number): Range | null {
  const distance = (range[1] - range[0]) * share;
  return inside([range[0] + distance, range[1] + distance], extent);
}

/** The range from one step to another, in whichever order they were chosen. */
export function chosen(one: number, other: number, extent: Range): Range | null {
  const middle = (one + other) / 2;
  const half = Math.max(LEAST_SPAN, Math.abs(other - one)) / 2;
  return inside([middle - half, middle + half], extent);
}

/** Moved inside the extent; null, which is all steps, where it would not fit. */
function inside([from, to]: Range, [first, last]: Range): Range | null {
  const span = to - from;
  if (span >= last - first) return null;
  const start = Math.min(Math.max(from, first), last - span);
  return [start, start + span];
}

/** What several ranges span together; null of none. */
export function spanned(ranges: readonly (Range | null)[]): Range | null {
  const known = ranges.filter((range) => range !== null);
  if (known.length === 0) return null;
  return [Math.min(...known.map(([first]) => first)), Math.max(...known.map(([, last]) => last))];
}
