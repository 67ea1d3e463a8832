/**
 * How the runs of a chart are told apart: by colour, by dash and by marker, so that no single sense is needed. The
 * colours are ordered so that neighbours differ in lightness, too, and each has a contrast of 3 to 1 or more against the
 * editor's background.
 */

export type Marker = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'plus';

export interface RunStyle {
  readonly color: string;
  /** Lengths of line and gap in pixels; none for a solid line. */
  readonly dash: readonly number[];
  readonly marker: Marker;
}

const ON_DARK = ['#4da3ff', '#ffa24d', '#3ecfa8', '#d39bff', '#f2d45c', '#ff86b0', '#7fdcf5', '#c3c7cc'] as const;
const ON_LIGHT = ['#0062b8', '#bf4f00', '#0b7f63', '#8a3fb5', '#7a6200', '#c0246a', '#007c9c', '#5c6066'] as const;
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]] as const;
const MARKERS: readonly Marker[] = ['circle', 'square', 'triangle', 'diamond', 'cross', 'plus'];

/** @param index place of the run among the shown ones */
export function runStyle(index: number, isDark: boolean): RunStyle {
  const colors = isDark ? ON_DARK : ON_LIGHT;
  return {
    color: colors[index % colors.length]!,
    dash: DASHES[index % DASHES.length]!,
    marker: MARKERS[index % MARKERS.length]!,
  };
}

/** Of a run that is shown alone: its evaluations in the second colour. */
export function loneEvaluationStyle(isDark: boolean): RunStyle {
  return { ...runStyle(1, isDark), dash: [], marker: 'circle' };
}
