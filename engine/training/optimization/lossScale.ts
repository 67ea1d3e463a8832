/**
 * Dynamic loss scaling (Micikevicius et al. 2018, section 3.2): gradients of 16-bit floats are computed for a multiple of the
 * loss, so that small ones are not lost, and divided by it in float32. A multiple too large shows in infinite gradients.
 */

export interface LossScale {
  /** What the loss is multiplied by: a power of two, so that nothing is rounded. */
  readonly scale: number;
  /** Steps since the scale last changed. */
  readonly goodSteps: number;
}

/** Start and growth as PyTorch's GradScaler has them by default. */
const INITIAL_SCALE = 2 ** 16;
const GROWTH_STEPS = 2000;
/** Gradients that are infinite at this scale are so for another reason. */
const SMALLEST_SCALE = 1;
/** Beyond it nothing is gained: the smallest 16-bit float is 2^-24. */
const LARGEST_SCALE = 2 ** 24;

export const INITIAL_LOSS_SCALE: LossScale = { scale: INITIAL_SCALE, goodSteps: 0 };

/** Twice the scale after enough steps whose gradients were finite. */
export function afterGoodStep({ scale, goodSteps }: LossScale): LossScale {
  if (goodSteps + 1 < GROWTH_STEPS || scale >= LARGEST_SCALE) return { scale, goodSteps: goodSteps + 1 };
  return { scale: scale * 2, goodSteps: 0 };
}

/** Half the scale, after gradients that were not finite; undefined where it is the smallest one already. */
export function afterOverflow({ scale }: LossScale): LossScale | undefined {
  return scale <= SMALLEST_SCALE ? undefined : { scale: scale / 2, goodSteps: 0 };
}
