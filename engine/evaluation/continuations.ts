/** How probable a model finds given continuations of a prompt. */
import { logNormalizer } from '../generation/logProbability.ts';
import type { ForwardPass } from '../inference/forwardPass.ts';

/**
 * The sum of the log-probabilities of each continuation's tokens. Continuations that differ in their last token alone
 * share a row of the batch, since a last token is predicted but not read.
 *
 * @param continuations none empty
 */
export async function continuationLogProbabilities(
  forward: ForwardPass,
  prompt: Int32Array,
  continuations: readonly Int32Array[],
): Promise<readonly number[]> {
  const rows = new Map<string, Int32Array>();
  for (const continuation of continuations) rows.set(keyOf(continuation), continuation.subarray(0, -1));
  const keys = [...rows.keys()];
  const longest = Math.max(...[...rows.values()].map((row) => row.length));
  const sequenceLength = prompt.length + longest;
  const tokenIds = new Int32Array(keys.length * sequenceLength);
  [...rows.values()].forEach((row, number) => {
    tokenIds.set(prompt, number * sequenceLength);
    tokenIds.set(row, number * sequenceLength + prompt.length);
  });
  const positions = Int32Array.from(tokenIds, (_, index) => index % sequenceLength);
  const places = [...rows.values()].flatMap((row, number) =>
    Array.from({ length: row.length + 1 }, (_, token) => number * sequenceLength + prompt.length - 1 + token),
  );
  const layout = { batchSize: keys.length, sequenceLength, tokenIds, positions, segments: null };
  const logits = await forward.logits(layout, Int32Array.from(places));
  const width = logits.length / places.length;
  const logProbability = logProbabilityReader(logits, width);
  const firstPlaces = new Map(
    keys.map((key, number) => [key, places.indexOf(number * sequenceLength + prompt.length - 1)]),
  );
  return continuations.map((continuation) => {
    const first = firstPlaces.get(keyOf(continuation)) ?? 0;
    return continuation.reduce((sum, token, index) => sum + logProbability(first + index, token), 0);
  });
}

/** The tokens that are read: all but the last. */
function keyOf(continuation: Int32Array): string {
  return continuation.subarray(0, -1).join();
}

function logProbabilityReader(logits: Float32Array, width: number): (place: number, token: number) => number {
  const normalizers = new Map<number, number>();
  return (place, token) => {
    const row = logits.subarray(place * width, (place + 1) * width);
    const normalizer = normalizers.get(place) ?? logNormalizer(row);
    normalizers.set(place, normalizer);
    return (row[token] ?? NaN) - normalizer;
  };
}
