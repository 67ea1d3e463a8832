/** The bars of a margin: one for each pixel, as long as the largest value of the positions under it. */

export interface Bars {
  /** Length of each pixel's bar as a share of the longest of the whole margin, 0 to 1. */
  readonly lengths: Float32Array;
}

/**
 * @param pixels of the margin's side
 * @param positionAt position (with its fraction) at the start of a pixel
 * @param valueAt value at a whole position; NaN counts as none
 */
export function marginBars(
  pixels: number,
  positions: number,
  positionAt: (pixel: number) => number,
  valueAt: (position: number) => number,
  largest: number,
): Bars {
  const lengths = new Float32Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const first = Math.max(0, Math.floor(positionAt(pixel)));
    const end = Math.min(positions, Math.max(first + 1, Math.ceil(positionAt(pixel + 1) - 1e-9)));
    let longest = 0;
    for (let position = first; position < end; position++) {
      const value = valueAt(position);
      if (value > longest) longest = value;
    }
    lengths[pixel] = largest > 0 ? longest / largest : 0;
  }
  return { lengths };
}

export function largestValue(values: Float32Array | Uint32Array): number {
  let largest = 0;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}
