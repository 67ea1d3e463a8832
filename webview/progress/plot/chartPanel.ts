/** One chart with its title and the figures under the cursor of every run. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Metric } from '../../../engine/protocol/webview.ts';
import { t } from '../../host/translations.ts';
import { NO_FIGURE } from '../../text/figures.ts';
import { metricText, metricTitle, type ChartKind } from '../state/metrics.ts';
import type { PlotListener, PlotModel } from './plotModel.ts';
import { metricStyle, type PlotLine } from './plotLines.ts';
import { extentOf, readPoint, shownRange, type ViewState } from '../state/progressState.ts';
import { swatch } from '../figures/swatch.ts';

/** A figure of a run as the panel's head shows it. */
interface Reading {
  readonly runId: string;
  readonly runName: string;
  readonly index: number;
  readonly metric: Metric;
  readonly text: string;
}

export function chartPanel(
  kind: ChartKind,
  lines: readonly PlotLine[],
  state: ViewState,
  listener: PlotListener,
): TemplateResult {
  const readings = readingsOf(kind, state);
  const headingId = `chart-${kind.id}`;
  return html`<section class="chart chart-${kind.id}" aria-labelledby=${headingId}>
    <header class="chart-head">
      <h2 id=${headingId}>${kind.title}</h2>
      ${state.cursorStep === null ? nothing : html`<span class="muted figure-number">${stepText(state.cursorStep)}</span>`}
      <div class="readings figure-number">${readings.map((reading) => readingOf(reading, kind, state))}</div>
    </header>
    <neuroada-plot .listener=${listener} .model=${modelOf(kind, lines, readings, state)}></neuroada-plot>
  </section>`;
}

function readingsOf(kind: ChartKind, state: ViewState): Reading[] {
  return state.curves.flatMap(({ runId, curves }, index) => {
    const runName = state.runs?.find((run) => run.runId === runId)?.name ?? '';
    const drawn = kind.metrics.filter((metric) => curves.some((curve) => isDrawn(curve, metric)));
    return drawn.map((metric) => ({ runId, runName, index, metric, text: readingText(state, runId, metric) }));
  });
}

function isDrawn(curve: { metric: Metric; steps: Float64Array }, metric: Metric): boolean {
  return curve.metric === metric && curve.steps.length > 0;
}

function readingText(state: ViewState, runId: string, metric: Metric): string {
  const point = readPoint(state, runId, metric);
  return point === undefined ? NO_FIGURE : metricText(metric, point.value);
}

function readingOf(reading: Reading, kind: ChartKind, state: ViewState): TemplateResult {
  const isLone = state.curves.length === 1;
  const style = metricStyle(reading.metric, reading.index, isLone, state.theme);
  const isEvaluation = reading.metric === 'evaluationLoss';
  const hasSign = !isLone || kind.metrics.length > 1;
  const label = kind.metrics.length > 1 ? lossLabel(reading.metric) : '';
  return html`<span class="reading" title=${readingTitle(reading, state)}>
    ${hasSign ? swatch(isEvaluation ? { ...style, dash: [] } : style, isEvaluation) : ''}
    ${isLone && label !== '' ? html`<span class="muted">${label}</span>` : ''}
    <span class="reading-value">${reading.text}</span>
    ${isElsewhere(reading, state) ? html`<span class="muted">${elsewhereText(reading, state)}</span>` : nothing}
  </span>`;
}

function stepText(step: number): string {
  return t('Step {0}', step.toLocaleString());
}

/** Whether the figure was logged at another step than the one pointed at, as most evaluations are. */
function isElsewhere({ runId, metric }: Reading, state: ViewState): boolean {
  const point = readPoint(state, runId, metric);
  return state.cursorStep !== null && point !== undefined && point.step !== state.cursorStep;
}

function elsewhereText({ runId, metric }: Reading, state: ViewState): string {
  return t('(step {0})', (readPoint(state, runId, metric)?.step ?? 0).toLocaleString());
}

function lossLabel(metric: Metric): string {
  return metric === 'evaluationLoss' ? t('Evaluation') : t('Training');
}

/** Everything about the figure, such as `fourth try, Training Loss: 0.1234 at step 120, smoothed 0.1311`. */
function readingTitle({ runId, runName, metric, text }: Reading, state: ViewState): string {
  const point = readPoint(state, runId, metric);
  if (point === undefined) return `${runName}: ${metricTitle(metric)}`;
  const step = point.step.toLocaleString();
  if (point.smoothed === undefined) return t('{0}, {1}: {2} at step {3}', runName, metricTitle(metric), text, step);
  const smoothed = metricText(metric, point.smoothed);
  return t('{0}, {1}: {2} at step {3}, smoothed {4}', runName, metricTitle(metric), text, step, smoothed);
}

function modelOf(
  kind: ChartKind,
  lines: readonly PlotLine[],
  readings: readonly Reading[],
  state: ViewState,
): PlotModel {
  const extent = extentOf(state) ?? [0, 1];
  return {
    name: t('{0}: chart over the steps', kind.title),
    readingText: state.cursorStep === null ? t('No step chosen') : spokenReading(readings, state),
    lines,
    metric: kind.metrics[0]!,
    axis: { isLog: kind.canBeLog && state.display.isLogScale, isFromZero: kind.isFromZero },
    range: shownRange(state) ?? extent,
    extent,
    cursorStep: state.cursorStep,
    theme: state.theme,
  };
}

/** Such as `Step 120: Training Loss 0.1234, Evaluation Loss 0.2`. */
function spokenReading(readings: readonly Reading[], { cursorStep, curves }: ViewState): string {
  const name = ({ metric, runName }: Reading): string =>
    curves.length > 1 ? `${runName} ${metricTitle(metric)}` : metricTitle(metric);
  const figures = readings.map((reading) => `${name(reading)} ${reading.text}`);
  return t('Step {0}: {1}', (cursorStep ?? 0).toLocaleString(), figures.join(', '));
}
