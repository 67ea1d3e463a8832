/** Speed and remaining time of a run, from the times of its last steps. */
import type { StepMeasures } from '../../training/trainer.ts';

/** Weight of the newest step in the running mean. */
const NEWEST_SHARE = 0.1;

export class StepClock {
  readonly #totalSteps: number;
  #meanMs: number | undefined;
  #steps = 0;

  constructor(totalSteps: number) {
    this.#totalSteps = totalSteps;
  }

  /** The first step is slower than the rest, since memory is touched for the first time: it counts until the second. */
  tick({ step, stepMs, tokens }: StepMeasures): { readonly etaMs: number; readonly tokensPerSecond: number } {
    this.#steps += 1;
    const isFresh = this.#meanMs === undefined || this.#steps === 2;
    this.#meanMs = isFresh ? stepMs : (this.#meanMs ?? 0) * (1 - NEWEST_SHARE) + stepMs * NEWEST_SHARE;
    return { etaMs: this.#meanMs * (this.#totalSteps - step), tokensPerSecond: (tokens / stepMs) * 1000 };
  }
}
