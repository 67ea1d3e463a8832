/**
 * Messages between the host and the progress webview, as typed unions, and what all webviews share. Curves travel as
 * typed arrays, already decimated to the width of the chart and smoothed over every step by the host, so that the webview
 * only draws.
 */
import type { RunStatus } from './runs/events.ts';

/** What a curve shows; each has its own chart, `loss` and `evaluationLoss` share one. */
export const METRICS = [
  'loss',
  'evaluationLoss',
  'learningRate',
  'gradNorm',
  'tokensPerSecond',
  'memoryBytes',
] as const;

export type Metric = (typeof METRICS)[number];

/** How a run stands for a person: a run's own status, and what the host knows beyond the log. */
export type ShownStatus = RunStatus | 'queued' | 'interrupted';

/** Commands a run's card offers; the host says which apply now. */
export type RunAction = 'stop' | 'resume' | 'runAgain' | 'merge' | 'openLog' | 'reveal';

/** The figures of one run beside its curves. Times are milliseconds, memory is bytes, losses are nats per token. */
export interface RunCard {
  /** Stable for the life of the folder: the folder's path. */
  readonly runId: string;
  readonly name: string;
  readonly status: ShownStatus;
  /** The status as words in the user's language, with the reason where there is one. */
  readonly statusText: string;
  readonly step: number;
  /** 0 until the plan is known. */
  readonly totalSteps: number;
  readonly epoch: number;
  readonly loss?: number;
  readonly bestEvaluation?: { readonly step: number; readonly loss: number };
  readonly etaMs?: number;
  readonly elapsedMs?: number;
  readonly tokensPerSecond?: number;
  readonly memoryBytes?: number;
  readonly peakMemoryBytes?: number;
  readonly device?: string;
  readonly plan?: string;
  /** What matrices are computed in. */
  readonly precision?: string;
  readonly trainableParameters?: number;
  readonly trainableShare?: number;
  /** Why it failed or what to look at, in words. */
  readonly problem?: string;
  readonly actions: readonly RunAction[];
}

/** One metric of one run inside the view's range: `steps` ascending, all arrays of the same length. */
export interface Curve {
  readonly metric: Metric;
  readonly steps: Float64Array;
  /** Minimum and maximum of every pixel column are kept, so no spike is lost. */
  readonly values: Float64Array;
  /** Exponential moving average over every step (not only the kept ones); absent where smoothing is 0. */
  readonly smoothed?: Float64Array;
}

export interface RunCurves {
  readonly runId: string;
  readonly curves: readonly Curve[];
  /** First and last step of the whole run, whatever the range. */
  readonly extent: readonly [first: number, last: number] | null;
  /** The logged figures at round steps of the range, the same steps for every run: what a table shows. */
  readonly samples: RunSamples;
}

/** Arrays of the same length; a metric has NaN where the run did not log it at that step. */
export interface RunSamples {
  readonly steps: Float64Array;
  readonly values: Readonly<Record<Metric, Float64Array>>;
}

/** A run's logged figures nearest to a step, whatever was decimated; a metric is absent where none was logged. */
export interface RunReading {
  readonly runId: string;
  readonly points: { readonly [M in Metric]?: ReadPoint };
}

export interface ReadPoint {
  /** Where the value was logged: of evaluations seldom the step that was asked for. */
  readonly step: number;
  readonly value: number;
  /** The moving average there; absent where smoothing is 0. */
  readonly smoothed?: number;
}

/** What the webview looks at; it is the webview's saved state, too. */
export interface ProgressView {
  /** Steps shown, or null for all of them (following the newest). */
  readonly range: readonly [from: number, to: number] | null;
  /** Width of a chart in device pixels. */
  readonly points: number;
  /** Weight of the past in the moving average, 0 (none) to below 1. */
  readonly smoothing: number;
}

/** One field of the shown runs, in their order; `null` where a run has no such field. */
export interface ComparisonRow {
  /** Such as `training.learningRate`, the path in the configuration. */
  readonly field: string;
  readonly values: readonly (string | null)[];
  readonly isDifferent: boolean;
}

/** Host to webview. */
export type ProgressHostMessage =
  /** The shown runs in the order of their colours; sent at the start and at every change. */
  | { readonly type: 'runs'; readonly runs: readonly RunCard[] }
  /** The whole visible window of every shown run, in answer to `view` and at most four times a second while one trains. */
  | { readonly type: 'curves'; readonly view: ProgressView; readonly runs: readonly RunCurves[] }
  /** In answer to `read`. */
  | { readonly type: 'reading'; readonly step: number; readonly runs: readonly RunReading[] }
  | {
      readonly type: 'comparison';
      /** Fields of the configurations. */
      readonly rows: readonly ComparisonRow[];
      /** What evaluations of the finished models scored; `field` is the evaluation and its metric. */
      readonly scores: readonly ComparisonRow[];
    };

/** Webview to host. */
export type ProgressWebviewMessage =
  /** The script runs and listens; `view` is restored or the default. */
  | { readonly type: 'ready'; readonly view: ProgressView }
  | { readonly type: 'view'; readonly view: ProgressView }
  /** The exact figures at a step that is pointed at. */
  | { readonly type: 'read'; readonly step: number }
  /** Choose the overlaid runs in a native quick pick. */
  | { readonly type: 'chooseRuns' }
  | { readonly type: 'removeRun'; readonly runId: string }
  | { readonly type: 'action'; readonly runId: string; readonly action: RunAction }
  /** The host asks where to and writes every step of the shown runs. */
  | { readonly type: 'exportCsv' }
  /** The host asks where to and writes the PNG's bytes. */
  | { readonly type: 'exportPng'; readonly bytes: Uint8Array }
  | WebviewFailure;

/** Any webview to its host: a bug in the webview, which goes to the log. */
export interface WebviewFailure {
  readonly type: 'failure';
  readonly message: string;
  readonly stack?: string;
}

/** How the webview shows what it has; the host need not know. */
export interface ProgressDisplay {
  readonly isLogScale: boolean;
  readonly isTable: boolean;
  readonly onlyDifferences: boolean;
}

/** What the webview keeps with `setState` and the host gets back when the panel is restored. */
export interface ProgressState {
  readonly runIds: readonly string[];
  readonly view: ProgressView;
  readonly display: ProgressDisplay;
}

/** Id of a data block in the page: the translations as JSON (`vscode.l10n`'s bundle: English text to translation). */
export const TRANSLATIONS_ELEMENT_ID = 'neuroada-translations';
