/** Learning-rate schedules with linear warm-up, as in Hugging Face's `get_scheduler`. */

export interface Schedule {
  readonly kind: 'linear' | 'cosine' | 'constant';
  /** The rate after warm-up. */
  readonly peak: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/**
 * The rate of a step.
 *
 * @param step counted from 1; the first step of a warm-up over w steps has the rate 0, as in the reference
 */
export function learningRateAt(schedule: Schedule, step: number): number {
  const { kind, peak, warmupSteps, totalSteps } = schedule;
  const done = step - 1;
  if (done < warmupSteps) return (peak * done) / warmupSteps;
  if (kind === 'constant') return peak;
  const progress = (done - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  if (kind === 'linear') return peak * Math.max(0, 1 - progress);
  return peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** Steps of warm-up: the ratio of all steps, rounded up, as the Hugging Face trainer does. */
export function warmupStepsOf(warmupRatio: number, totalSteps: number): number {
  return Math.ceil(warmupRatio * totalSteps);
}
