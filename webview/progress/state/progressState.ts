/** What the view knows and shows, as it was last told by the host and the user. */
import type {
  ComparisonRow,
  Metric,
  ProgressDisplay,
  ProgressState,
  ProgressView,
  ReadPoint,
  RunCard,
  RunCurves,
  RunReading,
} from '../../../engine/protocol/webview.ts';
import type { Theme } from '../../theme/theme.ts';
import { spanned, type Range } from './range.ts';

export interface ViewState {
  /** Undefined until the host has spoken. */
  readonly runs: readonly RunCard[] | undefined;
  /** In the order of the runs. */
  readonly curves: readonly RunCurves[];
  readonly comparison: readonly ComparisonRow[];
  readonly scores: readonly ComparisonRow[];
  readonly view: ProgressView;
  readonly display: ProgressDisplay;
  readonly cursorStep: number | null;
  readonly reading: { readonly step: number; readonly runs: readonly RunReading[] } | undefined;
  readonly emphasizedRunId: string | undefined;
  readonly theme: Theme;
}

const DEFAULT_VIEW: ProgressView = { range: null, points: 1000, smoothing: 0.6 };
const DEFAULT_DISPLAY: ProgressDisplay = { isLogScale: false, isTable: false, onlyDifferences: true };

/** @param saved as another version may have written it */
export function initialState(saved: Partial<ProgressState> | undefined, theme: Theme): ViewState {
  return {
    runs: undefined,
    curves: [],
    comparison: [],
    scores: [],
    view: { ...DEFAULT_VIEW, ...fieldsLike(DEFAULT_VIEW, saved?.view), range: savedRange(saved?.view) },
    display: { ...DEFAULT_DISPLAY, ...fieldsLike(DEFAULT_DISPLAY, saved?.display) },
    cursorStep: null,
    reading: undefined,
    emphasizedRunId: undefined,
    theme,
  };
}

/** The saved fields that have the type of their default. */
function fieldsLike<T extends object>(defaults: T, saved: Partial<T> | undefined): Partial<T> {
  const types = new Map(Object.entries(defaults).map(([name, value]) => [name, typeof value]));
  const entries = Object.entries(saved ?? {}).filter(([name, value]) => types.get(name) === typeof value);
  return Object.fromEntries(entries) as Partial<T>;
}

function savedRange(view: Partial<ProgressView> | undefined): Range | null {
  const range: unknown = view?.range;
  const isRange = Array.isArray(range) && range.length === 2 && range.every((step) => Number.isFinite(step));
  return isRange ? (range as unknown as Range) : null;
}

/** First and last step of all shown runs; null before the first. */
export function extentOf(state: ViewState): Range | null {
  return spanned(state.curves.map(({ extent }) => extent));
}

/** The steps in sight. */
export function shownRange(state: ViewState): Range | null {
  return state.view.range ?? extentOf(state);
}

/** The figure of a run to show: at the cursor where there is one, else the newest. */
export function readPoint(state: ViewState, runId: string, metric: Metric): ReadPoint | undefined {
  return state.cursorStep === null ? newestPoint(state, runId, metric) : pointAtCursor(state, runId, metric);
}

/** None where the nearest logged figure is not under the cursor; of evaluations the nearest counts, wherever it is. */
function pointAtCursor(state: ViewState, runId: string, metric: Metric): ReadPoint | undefined {
  const point = state.reading?.runs.find((run) => run.runId === runId)?.points[metric];
  if (point === undefined || metric === 'evaluationLoss') return point;
  return point.step === state.reading?.step ? point : undefined;
}

function newestPoint({ curves }: ViewState, runId: string, metric: Metric): ReadPoint | undefined {
  const curve = curves.find((run) => run.runId === runId)?.curves.find((candidate) => candidate.metric === metric);
  const last = (curve?.steps.length ?? 0) - 1;
  if (curve === undefined || last < 0) return undefined;
  const point = { step: curve.steps[last]!, value: curve.values[last]! };
  return curve.smoothed === undefined ? point : { ...point, smoothed: curve.smoothed[last]! };
}
