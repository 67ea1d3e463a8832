/** The largest magnitudes of a whole array: a radix selection over the bits of the floats, in two passes. */

/** Bits of a float without its sign, as many in each half of the pattern. */
const LOW_BITS = 16;
const LOW_MASK = (1 << LOW_BITS) - 1;
const SIGN_CLEARED = 0x7fffffff;

/**
 * Positions of the `count` values of largest magnitude, ascending; of equal magnitudes the earlier position wins.
 *
 * @param values finite
 * @param count at most their number
 */
export function largestPositions(values: Float32Array, count: number): Int32Array {
  const patterns = new Int32Array(values.buffer, values.byteOffset, values.length);
  const high = cut(patterns, count, (pattern) => pattern >>> LOW_BITS, undefined);
  const low = cut(patterns, high.remaining, (pattern) => pattern & LOW_MASK, high.bucket);
  const threshold = (high.bucket << LOW_BITS) | low.bucket;
  let ties = low.remaining;
  const positions = new Int32Array(count);
  let found = 0;
  for (let position = 0; position < patterns.length && found < count; position += 1) {
    const pattern = patterns[position]! & SIGN_CLEARED;
    if (pattern < threshold || (pattern === threshold && ties === 0)) continue;
    if (pattern === threshold) ties -= 1;
    positions[found] = position;
    found += 1;
  }
  return positions;
}

/**
 * The bucket in which the count-th largest lies, and how many of its values are among the largest.
 *
 * @param within only values whose upper half is this
 */
function cut(
  patterns: Int32Array,
  count: number,
  bucketOf: (pattern: number) => number,
  within: number | undefined,
): { readonly bucket: number; readonly remaining: number } {
  const sizes = new Int32Array(1 << LOW_BITS);
  for (const signed of patterns) {
    const pattern = signed & SIGN_CLEARED;
    if (within === undefined || pattern >>> LOW_BITS === within) sizes[bucketOf(pattern)]! += 1;
  }
  let remaining = count;
  let bucket = sizes.length - 1;
  for (; bucket > 0 && sizes[bucket]! < remaining; bucket -= 1) remaining -= sizes[bucket]!;
  return { bucket, remaining };
}
