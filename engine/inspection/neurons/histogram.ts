/** Histograms over equal bins. */

export interface Bins {
  /** Bounds [bins + 1], ascending. */
  readonly edges: Float64Array;
  /** The bin that holds the value: each holds its lower bound, the last one both. */
  binOf(value: number): number;
}

const BIN_LIMIT = 4096;

/** Where all values are equal, one bin's worth of width is put around them. */
export function equalBins(minimum: number, maximum: number, count: number): Bins {
  if (!Number.isSafeInteger(count) || count < 1 || count > BIN_LIMIT) throw new RangeError(`bins: ${count}`);
  const spread = maximum - minimum;
  const width = (spread > 0 ? spread : Math.abs(minimum) || 1) / count;
  const low = spread > 0 ? minimum : minimum - (width * count) / 2;
  const edges = Float64Array.from({ length: count + 1 }, (_, edge) => low + width * edge);
  if (spread > 0) edges[count] = maximum;
  return {
    edges,
    binOf(value) {
      let bin = Math.max(0, Math.min(count - 1, Math.floor((value - low) / width)));
      // The quotient is rounded: the edges decide.
      while (bin > 0 && value < edges[bin]!) bin -= 1;
      while (bin < count - 1 && value >= edges[bin + 1]!) bin += 1;
      return bin;
    },
  };
}
