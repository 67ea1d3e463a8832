/** Log-probabilities of tokens under the model's own distribution, before any sampling option reshapes it. */

export interface TokenProbability {
  readonly token: number;
  /** Natural logarithm, at most 0. */
  readonly logProbability: number;
}

/** log sum exp of the logits: a token's log-probability is its logit less this. */
export function logNormalizer(logits: Float32Array): number {
  let largest = -Infinity;
  for (const logit of logits) if (logit > largest) largest = logit;
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - largest);
  return largest + Math.log(total);
}

/** The `count` most probable tokens, the most probable first; of equals the lower token first. */
export function mostProbable(logits: Float32Array, normalizer: number, count: number): readonly TokenProbability[] {
  const best: { token: number; logit: number }[] = [];
  for (const [token, logit] of logits.entries()) {
    const last = best[count - 1];
    if (last !== undefined && logit <= last.logit) continue;
    const place = best.findIndex((other) => logit > other.logit);
    best.splice(place === -1 ? best.length : place, 0, { token, logit });
    if (best.length > count) best.pop();
  }
  return best.map(({ token, logit }) => ({ token, logProbability: logit - normalizer }));
}
