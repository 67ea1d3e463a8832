/** Every figure of every step of a run as columns, folded from the events of its log. */
import type { RunEvent, StepEvent } from '../../engine/protocol/runs/events.ts';
import { METRICS, type Metric } from '../../engine/protocol/webview.ts';
import { Column, lowerBound } from './column.ts';
import { SmoothedColumn } from './smoothing.ts';

/** One metric over time: `steps` ascending, both of the same length. */
export interface Series {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** The metrics that every optimizer step has. */
export const STEP_METRICS = ['loss', 'learningRate', 'gradNorm', 'tokensPerSecond', 'memoryBytes'] as const;

export type StepMetric = (typeof STEP_METRICS)[number];

export class RunSeries {
  readonly #steps = new Column();
  readonly #evaluationSteps = new Column();
  readonly #columns: Readonly<Record<Metric, Column>>;
  readonly #smoothed: Readonly<Record<Metric, SmoothedColumn>>;

  constructor() {
    this.#columns = perMetric(() => new Column());
    this.#smoothed = perMetric((metric) => new SmoothedColumn(this.#columns[metric]));
  }

  append(event: RunEvent): void {
    if (event.type === 'step') this.#appendStep(event);
    else if (event.type === 'evaluation') {
      // The last step may be evaluated twice: at its turn and at the end.
      this.#cutEvaluations(event.step);
      this.#evaluationSteps.push(event.step);
      this.#columns.evaluationLoss.push(event.loss);
    } else if (event.type === 'resumed') {
      this.#cutSteps(event.step + 1);
      this.#cutEvaluations(event.step + 1);
    }
  }

  /** The columns themselves, not copied: valid until the next event. */
  of(metric: Metric): Series {
    const steps = metric === 'evaluationLoss' ? this.#evaluationSteps : this.#steps;
    return { steps: steps.view(), values: this.#columns[metric].view() };
  }

  /** Exponential moving average over every step of the metric. */
  smoothed(metric: Metric, smoothing: number): Float64Array {
    return this.#smoothed[metric].view(smoothing);
  }

  /** First and last step; null before the first. */
  get extent(): readonly [first: number, last: number] | null {
    const steps = this.#steps.view();
    const evaluations = this.#evaluationSteps.view();
    const first = Math.min(steps[0] ?? Infinity, evaluations[0] ?? Infinity);
    const last = Math.max(steps.at(-1) ?? -Infinity, evaluations.at(-1) ?? -Infinity);
    return first <= last ? [first, last] : null;
  }

  #appendStep(event: StepEvent): void {
    this.#cutSteps(event.step);
    this.#steps.push(event.step);
    for (const metric of STEP_METRICS) this.#columns[metric].push(event[metric]);
  }

  /** Takes back the steps from `step` on. */
  #cutSteps(step: number): void {
    const length = lowerBound(this.#steps.view(), step);
    if (length === this.#steps.length) return;
    this.#steps.truncate(length);
    for (const metric of STEP_METRICS) {
      this.#columns[metric].truncate(length);
      this.#smoothed[metric].reset();
    }
  }

  #cutEvaluations(step: number): void {
    const length = lowerBound(this.#evaluationSteps.view(), step);
    if (length === this.#evaluationSteps.length) return;
    this.#evaluationSteps.truncate(length);
    this.#columns.evaluationLoss.truncate(length);
    this.#smoothed.evaluationLoss.reset();
  }
}

function perMetric<T>(make: (metric: Metric) => T): Record<Metric, T> {
  return Object.fromEntries(METRICS.map((metric) => [metric, make(metric)])) as Record<Metric, T>;
}
