/** AdamW (Loshchilov and Hutter 2019, algorithm 2) over one flat array of parameters, with bias correction. */

/** Running moments; float32, so that a checkpoint holds them exactly. */
export interface AdamWState {
  /** Mean of the gradients, first moment. */
  readonly firstMoment: Float32Array;
  /** Mean of their squares, second moment. */
  readonly secondMoment: Float32Array;
}

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled: parameters shrink by learningRate * weightDecay a step, whatever the gradient. */
  readonly weightDecay: number;
}

/** The state before the first step. */
export function initialAdamWState(parameterCount: number): AdamWState {
  return { firstMoment: new Float32Array(parameterCount), secondMoment: new Float32Array(parameterCount) };
}

/**
 * One step, in place: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p = p (1 - lr wd) - lr m' / (sqrt(v') + eps) with
 * m' = m / (1 - b1^t) and v' = v / (1 - b2^t).
 *
 * @param step t, counted from 1
 */
export function adamWStep(
  parameters: Float32Array,
  gradients: Float32Array,
  state: AdamWState,
  step: number,
  learningRate: number,
  options: AdamWOptions,
): void {
  const { firstMoment, secondMoment } = state;
  const { beta1, beta2, epsilon, weightDecay } = options;
  const stepSize = learningRate / (1 - beta1 ** step);
  const secondCorrection = Math.sqrt(1 - beta2 ** step);
  const kept = 1 - learningRate * weightDecay;
  for (let i = 0; i < parameters.length; i++) {
    const gradient = gradients[i] ?? 0;
    const first = beta1 * (firstMoment[i] ?? 0) + (1 - beta1) * gradient;
    const second = beta2 * (secondMoment[i] ?? 0) + (1 - beta2) * gradient * gradient;
    firstMoment[i] = first;
    secondMoment[i] = second;
    parameters[i] = (parameters[i] ?? 0) * kept - (stepSize * first) / (Math.sqrt(second) / secondCorrection + epsilon);
  }
}

/**
 * The parameters before the last step, in place and within its rounding: p = (p + lr m' / (sqrt(v') + eps)) / (1 - lr wd),
 * with the moments that the step left behind.
 *
 * @param step the one that was taken last, with its learning rate and options
 */
export function undoAdamWStep(
  parameters: Float32Array,
  state: AdamWState,
  step: number,
  learningRate: number,
  options: AdamWOptions,
): void {
  const { firstMoment, secondMoment } = state;
  const stepSize = learningRate / (1 - options.beta1 ** step);
  const secondCorrection = Math.sqrt(1 - options.beta2 ** step);
  const kept = 1 - learningRate * options.weightDecay;
  for (let i = 0; i < parameters.length; i++) {
    const root = Math.sqrt(secondMoment[i] ?? 0) / secondCorrection + options.epsilon;
    parameters[i] = ((parameters[i] ?? 0) + (stepSize * (firstMoment[i] ?? 0)) / root) / kept;
  }
}
