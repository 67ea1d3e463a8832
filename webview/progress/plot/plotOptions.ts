/** How the chart library is set up: scales that follow our model, quiet axes, a cursor and a selection along the steps. */
import type uPlot from 'uplot';
import { linePath, markerPath } from './linePath.ts';
import type { PlotModel } from './plotModel.ts';
import { stepTicks, tickText } from './valueAxis.ts';

export interface PlotHooks {
  readonly cursorMoved: (plot: uPlot) => void;
  readonly selected: (plot: uPlot) => void;
}

/** Of the space for the labels of the vertical axes: all charts in a column line up. */
const LABEL_WIDTH = 58;
// Values of the library's enums, which exist in its types alone.
const FACETED = 2 as unknown as uPlot.Mode;
const LINEAR = 1 as unknown as uPlot.Scale.Distr;
const LOGARITHMIC = 3 as unknown as uPlot.Scale.Distr;
const DRAG_PIXELS = 5;

/** @param current the model at the time of drawing */
export function plotOptions(current: () => PlotModel, hooks: PlotHooks): Omit<uPlot.Options, 'width' | 'height'> {
  const { axis, lines, theme } = current();
  return {
    // Each line has steps of its own.
    mode: FACETED,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: DRAG_PIXELS },
      // A double click resets the range of all charts, which the element sees to.
      bind: { dblclick: () => null },
    },
    scales: {
      x: { time: false, auto: false },
      y: { auto: false, distr: axis.isLog ? LOGARITHMIC : LINEAR },
    },
    axes: axes(current, theme.font),
    series: [{}, ...lines.map((_, index) => series(current, index))] as uPlot.Series[],
    hooks: { setCursor: [hooks.cursorMoved], setSelect: [hooks.selected] },
  };
}

function axes(current: () => PlotModel, font: string): uPlot.Axis[] {
  const { theme } = current();
  const common = {
    font,
    stroke: theme.color('descriptionForeground', theme.color('foreground', '#888')),
    grid: { stroke: gridColor(current()), width: 1 },
    ticks: { show: false },
  };
  const horizontal = { ...common, scale: 'x', gap: 6, size: 28, space: 70, incrs: WHOLE_INCREMENTS };
  return [
    {
      ...horizontal,
      grid: { show: false },
      border: { show: true, stroke: gridColor(current()), width: 1 },
      values: (_, splits) => stepTicks(splits),
    },
    {
      ...common,
      scale: 'y',
      gap: 6,
      size: LABEL_WIDTH,
      space: 32,
      values: (_, splits, __, ___, increment) =>
        splits.map((value) => (Number.isFinite(value) ? tickText(current().metric, value, increment) : '')),
    },
  ];
}

/** Steps are whole. */
const WHOLE_INCREMENTS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

function gridColor({ theme }: PlotModel): string {
  if (theme.isHighContrast) return theme.isDark ? 'rgba(255, 255, 255, 0.3)' : 'rgba(0, 0, 0, 0.3)';
  return theme.isDark ? 'rgba(255, 255, 255, 0.09)' : 'rgba(0, 0, 0, 0.09)';
}

function series(current: () => PlotModel, index: number): uPlot.Series {
  const line = () => current().lines[index]!;
  const background = current().theme.color('editor-background', '#000');
  const { axis } = current();
  const { shape, dash } = line();
  const isOpen = shape === 'line' || shape === 'cross' || shape === 'plus';
  return {
    facets: [
      { scale: 'x', auto: false },
      { scale: 'y', auto: false },
    ],
    auto: false,
    points: { show: false },
    stroke: () => withOpacity(line().color, line().opacity),
    fill: () => (isOpen ? null : background) as string,
    width: line().widthPixels,
    dash: dash.map((length) => length * devicePixelRatio),
    paths: (plot) =>
      shape === 'line' ? linePath(plot, line(), axis.isLog) : markerPath(plot, line(), axis.isLog, shape),
  };
}

/** @param color as `#rrggbb` */
function withOpacity(color: string, opacity: number): string {
  const byte = Math.round(255 * opacity).toString(16);
  return color + byte.padStart(2, '0');
}
