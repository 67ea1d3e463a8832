/** Copies of rows between matrices of `width` columns. */

/** Row `rows[i]` of `from` becomes row i of `into`. */
export function gatherRows(from: Float32Array, rows: Int32Array, into: Float32Array, width: number): void {
  rows.forEach((row, index) => {
    into.set(from.subarray(row * width, (row + 1) * width), index * width);
  });
}

/** Row i of `from` becomes row `rows[i]` of `into`. */
export function scatterRows(from: Float32Array, rows: Int32Array, into: Float32Array, width: number): void {
  rows.forEach((row, index) => {
    into.set(from.subarray(index * width, (index + 1) * width), row * width);
  });
}
