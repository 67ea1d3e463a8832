/** What a chart draws for each run: its figures faint and their average strong, or the figures alone; evaluations marked. */
import type { Curve, Metric, RunCurves } from '../../../engine/protocol/webview.ts';
import type { Theme } from '../../theme/theme.ts';
import type { ChartKind } from '../state/metrics.ts';
import { loneEvaluationStyle, runStyle, type Marker, type RunStyle } from '../state/runStyle.ts';
import type { Points } from './valueAxis.ts';

export interface PlotLine extends Points {
  readonly shape: 'line' | Marker;
  readonly color: string;
  readonly widthPixels: number;
  /** 0 to 1. */
  readonly opacity: number;
  readonly dash: readonly number[];
}

const FAINT = 0.45;
const FAINT_IN_HIGH_CONTRAST = 0.65;
/** Of runs that are not looked at while another is. */
const DIMMED = 0.25;
const MARKER_LINE_PIXELS = 1.5;
/** With more points than this between the edges of a chart a dashed line would be noise. */
const MOST_DASHED_POINTS = 1200;

export interface ShownRuns {
  readonly curves: readonly RunCurves[];
  /** The run to stand out; undefined for none. */
  readonly emphasizedRunId: string | undefined;
}

export function plotLines(kind: ChartKind, { curves, emphasizedRunId }: ShownRuns, theme: Theme): PlotLine[] {
  const isLone = curves.length === 1;
  const isEmphasized = curves.some(({ runId }) => runId === emphasizedRunId);
  const lines = curves.flatMap((run, index) => {
    const strength = isEmphasized && run.runId !== emphasizedRunId ? DIMMED : 1;
    const own = kind.metrics.flatMap((metric) => {
      const curve = run.curves.find((candidate) => candidate.metric === metric);
      if (curve === undefined || curve.steps.length === 0) return [];
      const style = metricStyle(metric, index, isLone, theme);
      return metric === 'evaluationLoss' ? evaluationLines(curve, style, isLone) : stepLines(curve, style, theme);
    });
    return own.map((line) => ({ ...line, opacity: line.opacity * strength }));
  });
  // What is faint lies below: no run's noise hides another's average.
  return lines.sort((one, other) => one.opacity - other.opacity);
}

/** Of a run alone, the two losses have a colour each; of several, a run has one colour. */
export function metricStyle(metric: Metric, index: number, isLone: boolean, theme: Theme): RunStyle {
  return isLone && metric === 'evaluationLoss' ? loneEvaluationStyle(theme.isDark) : runStyle(index, theme.isDark);
}

function stepLines({ steps, values, smoothed }: Curve, style: RunStyle, theme: Theme): PlotLine[] {
  const { color } = style;
  const strong = theme.isHighContrast ? 2 : 1.75;
  const dash = steps.length > MOST_DASHED_POINTS && smoothed === undefined ? [] : style.dash;
  if (smoothed === undefined) return [{ shape: 'line', steps, values, color, widthPixels: 1.5, opacity: 1, dash }];
  return [
    {
      shape: 'line',
      steps,
      values,
      color,
      widthPixels: 1,
      opacity: theme.isHighContrast ? FAINT_IN_HIGH_CONTRAST : FAINT,
      dash: [],
    },
    { shape: 'line', steps, values: smoothed, color, widthPixels: strong, opacity: 1, dash },
  ];
}

function evaluationLines({ steps, values }: Curve, style: RunStyle, isLone: boolean): PlotLine[] {
  const { color } = style;
  const dash = isLone ? [] : [1, 3];
  return [
    { shape: 'line', steps, values, color, widthPixels: 1.25, opacity: 1, dash },
    { shape: style.marker, steps, values, color, widthPixels: MARKER_LINE_PIXELS, opacity: 1, dash: [] },
  ];
}
