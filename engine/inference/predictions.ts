/** The most probable token at each of many positions, with the logits of few of them in memory at a time. */

/** Positions whose logits exist at a time. */
const CHUNK = 256;

/**
 * Of equal logits the lower token counts as the most probable, as in greedy decoding.
 *
 * @param logitsOf logits [positions, vocabulary] of the positions it is given
 * @returns [positions]
 */
export async function predictedTokens(
  positions: Int32Array,
  logitsOf: (some: Int32Array) => Promise<Float32Array>,
): Promise<Int32Array> {
  const predicted = new Int32Array(positions.length);
  for (let start = 0; start < positions.length; start += CHUNK) {
    const some = positions.subarray(start, start + CHUNK);
    const logits = await logitsOf(some);
    const width = logits.length / some.length;
    some.forEach((_, index) => {
      predicted[start + index] = largest(logits.subarray(index * width, (index + 1) * width));
    });
  }
  return predicted;
}

function largest(logits: Float32Array): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++) {
    if ((logits[token] ?? 0) > (logits[best] ?? 0)) best = token;
  }
  return best;
}
