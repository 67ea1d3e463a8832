/**
 * How the next token is chosen from logits: the most probable one, or one drawn at random after the distribution was
 * reshaped. Penalty, temperature, top-k and top-p apply in this order and with these meanings in transformers, too.
 */

export interface SamplingOptions {
  /** Divides the logits; 0 takes the most probable token. */
  readonly temperature: number;
  /** Only so many of the most probable tokens are drawn from; 0 for all. */
  readonly topK: number;
  /** Only the fewest most probable tokens that together reach this probability are drawn from; 1 for all. */
  readonly topP: number;
  /** Divides positive logits, and multiplies negative ones, of tokens that occur already; 1 for none. */
  readonly repetitionPenalty: number;
}

export const GREEDY: SamplingOptions = { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1 };

/**
 * @param logits [vocabulary], changed in place
 * @param seen tokens of the prompt and those generated so far
 * @param random uniform in [0, 1); asked once, and not at all where the temperature is 0
 */
export function chooseToken(
  logits: Float32Array,
  seen: ReadonlySet<number>,
  options: SamplingOptions,
  random: () => number,
): number {
  const { temperature, topK, topP, repetitionPenalty } = options;
  if (repetitionPenalty !== 1) penalize(logits, seen, repetitionPenalty);
  if (temperature === 0) return largestIndex(logits);
  const lowest = topK > 0 && topK < logits.length ? kthLargest(logits, topK) : -Infinity;
  const weights = softWeights(logits, lowest, temperature);
  if (topP < 1) cutTail(weights, topP);
  return drawIndex(weights, random());
}

function penalize(logits: Float32Array, seen: ReadonlySet<number>, penalty: number): void {
  for (const token of seen) {
    const logit = logits[token] ?? 0;
    logits[token] = logit > 0 ? logit / penalty : logit * penalty;
  }
}

/** Of equal values the lower index wins. */
function largestIndex(values: Float32Array): number {
  let best = 0;
  let largest = values[0] ?? -Infinity;
  for (let index = 1; index < values.length; index++) {
    const value = values[index] ?? -Infinity;
    if (value > largest) [best, largest] = [index, value];
  }
  return best;
}

function kthLargest(values: Float32Array, k: number): number {
  return values.slice().sort()[values.length - k] ?? -Infinity;
}

/** exp((logit - largest) / temperature), 0 below `lowest`: probabilities up to a common factor. */
function softWeights(logits: Float32Array, lowest: number, temperature: number): Float64Array {
  const largest = logits[largestIndex(logits)] ?? 0;
  return Float64Array.from(logits, (logit) => (logit < lowest ? 0 : Math.exp((logit - largest) / temperature)));
}

/** Sets to 0 what lies outside of the smallest set of weights whose share of the whole reaches `topP`. */
function cutTail(weights: Float64Array, topP: number): void {
  const total = sum(weights);
  // Weights below this are outside for certain: all of them together are less than what may be left out.
  const negligible = ((1 - topP) * total) / weights.length;
  const order = Array.from(weights.keys()).filter((index) => (weights[index] ?? 0) >= negligible);
  order.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  const kept = new Set<number>();
  let reached = 0;
  for (const index of order) {
    if (reached >= topP * total) break;
    kept.add(index);
    reached += weights[index] ?? 0;
  }
  for (const index of weights.keys()) if (!kept.has(index)) weights[index] = 0;
}

function drawIndex(weights: Float64Array, random: number): number {
  let rest = random * sum(weights);
  let last = 0;
  for (const [index, weight] of weights.entries()) {
    if (weight === 0) continue;
    last = index;
    rest -= weight;
    if (rest < 0) break;
  }
  return last;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
